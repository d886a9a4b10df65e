import { uuidv7 } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import type { Kysely, Transaction } from 'kysely';
import { isPlainLine } from '../consent-requests/plain-line.ts';
import type { Consumer } from '../consumer.ts';
import { actOnce } from '../subjects/act-once.ts';
import type { SignedInActor } from '../subjects/actor.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { ConsumerTables, FraudAlertRow } from '../tables.ts';

const dayMs = 86_400_000;
const standingMax = 2;

export interface FraudAlert {
  readonly id: string;
  readonly text: string;
  readonly placed_at: string;
  readonly until: string;
  readonly status: 'standing' | 'over';
}

/**
 * Places the person's own words for lenders, as one line of plain text, for some days: every grant obliges
 * to heed it (`fraud_alert`), and who holds a consent of theirs reads it. Throws `bad_request` for other
 * text and `conflict` where two stand.
 */
export async function placeAlert(
  consumer: Consumer,
  subjectRef: string,
  { days, text }: { readonly text: string; readonly days: number },
): Promise<FraudAlert> {
  const { clock, db, random } = consumer;
  if (!isPlainLine(text)) {
    throw new CausewayError('bad_request', { detail: 'One line of plain text.', pointer: '/text' });
  }
  const placed = await transaction(db, async (trx) => {
    const refs = await lockWholeSubject(trx, subjectRef);
    const nowMs = clock.now();
    const standing = (await alertsOf(trx, refs)).filter((row) => stands(row, nowMs));
    if (new Set(standing.map(({ id }) => id)).size >= standingMax) {
      throw new CausewayError('conflict', { detail: 'Two alerts stand. End one first.' });
    }
    const times = { placed_ms: nowMs, until_ms: nowMs + days * dayMs, ended_ms: null };
    const row = { id: uuidv7(clock, random), text, ...times };
    await trx
      .insertInto('fraud_alert')
      .values(refs.map((subject_ref) => ({ subject_ref, ...row })))
      .execute();
    return row;
  });
  // A crash after the commit loses only the answer: the list has it.
  return viewOf(placed, clock.now());
}

/**
 * Ends an alert before its time, for the person who has just signed in for this. Throws `not_found` for
 * another person's, as for an absent one; ending again changes nothing.
 */
export async function endAlert(consumer: Consumer, id: string, actor: SignedInActor): Promise<FraudAlert> {
  const { clock, db } = consumer;
  const ended = await transaction(db, async (trx) => {
    const refs = await lockWholeSubject(trx, actor.subjectRef);
    if (!(await alertsOf(trx, refs)).some((row) => row.id === id)) throw new CausewayError('not_found');
    await actOnce(trx, actor.signedIn);
    await trx
      .updateTable('fraud_alert')
      .set({ ended_ms: clock.now() })
      .where('subject_ref', 'in', refs)
      .where('id', '=', id)
      .where('ended_ms', 'is', null)
      .execute();
    return (await alertsOf(trx, refs)).find((row) => row.id === id);
  });
  if (ended === undefined) throw new CausewayError('internal', { internal: 'an alert vanished' });
  return viewOf(ended, clock.now());
}

export async function listAlerts({ clock, db }: Consumer, refs: readonly string[]) {
  const byId = new Map((await alertsOf(db, refs)).map((row) => [row.id, row]));
  return { items: [...byId.values()].map((row) => viewOf(row, clock.now())) };
}

/** What a lender with a consent of this person is shown: the words that stand, and until when. */
export async function standingAlerts({ clock, db }: Consumer, subjectRef: string) {
  const rows = (await alertsOf(db, [subjectRef])).filter((row) => stands(row, clock.now()));
  return rows.map(({ text, until_ms }) => ({
    ...{ kind: 'fraud_alert' as const, text, until: new Date(until_ms).toISOString() },
  }));
}

async function alertsOf(
  db: Kysely<ConsumerTables> | Transaction<ConsumerTables>,
  refs: readonly string[],
): Promise<FraudAlertRow[]> {
  return await db
    .selectFrom('fraud_alert')
    .select(['subject_ref', 'id', 'text', 'placed_ms', 'until_ms', 'ended_ms'])
    .where('subject_ref', 'in', refs)
    .orderBy('placed_ms', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

type Times = Omit<FraudAlertRow, 'subject_ref'>;

const stands = ({ ended_ms, until_ms }: Times, nowMs: number): boolean =>
  ended_ms === null && nowMs < until_ms;

function viewOf(row: Times, nowMs: number): FraudAlert {
  const { ended_ms, id, placed_ms, text, until_ms } = row;
  return {
    ...{ id, text, placed_at: new Date(placed_ms).toISOString() },
    until: new Date(ended_ms ?? until_ms).toISOString(),
    status: stands(row, nowMs) ? 'standing' : 'over',
  };
}
