import type { KeptUntil } from '@causeway/policy';
import { CausewayError } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import { newestStop } from '../stops/repository.ts';
import { receiptOf, type StopReceipt } from '../stops/receipt.ts';
import { deliveriesOf } from './deliveries.ts';
import { dueMsOf, keptOf } from './kept.ts';
import { standingErasure } from './repository.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Until when what is kept, and by which law. */
interface KeptView {
  readonly rule: string;
  readonly what: KeptUntil['kind'];
  readonly source: string;
  readonly source_zh: string;
  readonly months: number;
  readonly until: string;
}

export interface ErasureView {
  /** `none` says what an erasure would come to, from this moment on. */
  readonly status: 'none' | 'restricted' | 'erasing';
  /** When the keys are destroyed: the longest of `kept`. It moves where something new has to be kept. */
  readonly due_at: string;
  readonly kept: readonly KeptView[];
  readonly id?: string;
  /** Since when nothing is granted to anybody. */
  readonly restricted_since?: string;
  /** The stop that restricts: who has acknowledged it. */
  readonly stop?: StopReceipt;
  /** At the end: who has destroyed their key, and who is waited for. */
  readonly erased?: readonly string[];
  readonly waiting?: readonly string[];
}

/** Where a person's erasure stands, and until when what is kept. */
export async function viewErasure(consumer: Consumer, refs: readonly string[]): Promise<ErasureView> {
  const { clock, db } = consumer;
  const row = await standingErasure(db, refs);
  const kept = await keptOf(db, row?.refs ?? refs, row?.asked_ms ?? clock.now());
  const times = { due_at: iso(row?.due_ms ?? dueMsOf(kept)), kept: kept.map(keptView) };
  if (row === undefined) return { status: 'none', ...times };
  if (row.state === 'withdrawn')
    throw new CausewayError('internal', { internal: 'a wish that was taken back' });
  const stop = await newestStop(db, row.refs, { freeze: row.freeze_id });
  const deliveries = row.state === 'erasing' ? await deliveriesOf(db, row.id) : [];
  return {
    ...{ status: row.state, id: row.id, restricted_since: iso(row.asked_ms), ...times },
    ...(stop === undefined ? {} : { stop: await receiptOf(db, stop, clock.now()) }),
    ...(row.state === 'erasing'
      ? {
          erased: deliveries.filter(({ acked_ms }) => acked_ms !== null).map(({ node }) => node),
          waiting: deliveries.filter(({ acked_ms }) => acked_ms === null).map(({ node }) => node),
        }
      : {}),
  };
}

const keptView = ({ id, kind, months, source, source_zh, untilMs }: KeptUntil): KeptView => ({
  ...{ rule: id, what: kind, source, source_zh, months, until: iso(untilMs) },
});
