import { uuidv7 } from '@causeway/kernel';
import { type StageLeaf, withReceipts } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import { newestStop } from '../stops/repository.ts';
import { actOnce } from '../subjects/act-once.ts';
import type { SignedInActor } from '../subjects/actor.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { ConsumerTables, WindowRow } from '../tables.ts';
import { freezesOf } from './repository.ts';
import { recordWindow } from './window-receipts.ts';
import { requireUnrestricted } from './restriction.ts';
import { endWindows, insertWindow, windowsOf } from './window-repository.ts';

const minuteMs = 60_000;

/** For whom a freeze is opened, and for how long. */
export interface Opening {
  readonly lender: string;
  readonly minutes: number;
}

export interface WindowView {
  readonly id: string;
  readonly freeze: string;
  readonly lender: string;
  readonly from: string;
  /** It ends by itself at this moment, or has been ended then. */
  readonly until: string;
  readonly status: 'open' | 'over';
}

/** The nonce of the id_token that opens a freeze: it names all that is opened. */
export const openingNonce = (freeze: string, { lender, minutes }: Opening): string =>
  `open:${freeze}:${lender}:${minutes}`;

/**
 * Opens a standing freeze for one lender and a time: what it asks under a consent of the subject is granted
 * although all else stays frozen, and bureaus and brokers see in the grant that it was given despite this
 * very freeze. For the subject who has just signed in for this. The window ends by itself, with the freeze,
 * or when a later one for the same lender takes its place. Each opening, and each
 * end that is brought about, has a signed receipt. Throws `not_found` for another subject's freeze,
 * `conflict` for a lifted one, and `bad_request` where the directory has no such active lender.
 */
export async function openWindow(
  consumer: Consumer,
  freeze: string,
  opening: Opening,
  actor: SignedInActor,
): Promise<WindowView> {
  const { clock, db, random } = consumer;
  const { lender, minutes } = opening;
  const { value: window } = await withReceipts(db, async (trx, stage) => {
    const refs = await lockWholeSubject(trx, actor.subjectRef);
    const found = (await freezesOf(trx, refs)).filter(({ id }) => id === freeze);
    const stop = await newestStop(trx, refs, { freeze });
    if (found.length === 0 || stop === undefined) throw new CausewayError('not_found');
    await actOnce(trx, actor.signedIn);
    requireUnrestricted(found);
    if (found.every(({ lifted_ms }) => lifted_ms !== null)) {
      throw new CausewayError('conflict', { detail: 'The freeze has been lifted.' });
    }
    checkLender(consumer, lender);
    const nowMs = clock.now();
    await close(consumer, trx, stage, { refs, which: { lender } });
    const times = { from_ms: nowMs, until_ms: nowMs + minutes * minuteMs };
    const row = { id: uuidv7(clock, random), freeze_id: freeze, lender, sequence: stop.sequence, ...times };
    await insertWindow(trx, refs, row);
    await recordWindow(consumer, trx, stage, refs, { action: 'open', window: row, untilMs: row.until_ms });
    return row;
  });
  // A crash after the commit loses only the answer: the list has the window.
  return windowView({ ...window, ended_ms: null }, clock.now());
}

function checkLender({ directory }: Consumer, lender: string): void {
  const entry = directory().member(lender);
  if (entry?.status === 'active' && entry.roles.includes('lender')) return;
  throw new CausewayError('bad_request', { detail: 'Name a lender of the directory.', pointer: '/lender' });
}

/**
 * Ends a window before its time; grants that were given end within 15 seconds. Throws `not_found` for another
 * subject's, as for an absent one; ending again changes nothing.
 */
export async function closeWindow(
  consumer: Consumer,
  subjectRefs: readonly string[],
  id: string,
): Promise<WindowView> {
  const { clock, db } = consumer;
  const { value: row } = await withReceipts(db, async (trx, stage) => {
    const refs = await lockWholeSubject(trx, subjectRefs[0] ?? '');
    await close(consumer, trx, stage, { refs, which: { id } });
    return (await windowsOf(trx, refs)).find((one) => one.id === id);
  });
  // A crash after the commit loses only the answer.
  if (row === undefined) throw new CausewayError('not_found');
  return windowView(row, clock.now());
}

/** Ends windows that are open, each with its receipt. */
async function close(
  consumer: Consumer,
  trx: Transaction<ConsumerTables>,
  stage: StageLeaf,
  { refs, which }: { refs: readonly string[]; which: { readonly id: string } | { readonly lender: string } },
): Promise<void> {
  const nowMs = consumer.clock.now();
  for (const window of await endWindows(trx, refs, which, nowMs)) {
    await recordWindow(consumer, trx, stage, refs, { action: 'close', window, untilMs: nowMs });
  }
}

export function windowView(row: Omit<WindowRow, 'subject_ref'>, nowMs: number): WindowView {
  const { ended_ms, freeze_id, from_ms, id, lender, until_ms } = row;
  const endMs = ended_ms ?? until_ms;
  return {
    ...{
      id,
      freeze: freeze_id,
      lender,
      from: new Date(from_ms).toISOString(),
      until: new Date(endMs).toISOString(),
    },
    status: nowMs < endMs ? 'open' : 'over',
  };
}
