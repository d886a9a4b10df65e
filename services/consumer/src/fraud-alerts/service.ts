import { uuidv7 } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { openFor, sealFor, transaction } from '@causeway/service';
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
    const standing = (await rowsOf(trx, refs)).filter((row) => stands(row, nowMs));
    if (new Set(standing.map(({ id }) => id)).size >= standingMax) {
      throw new CausewayError('conflict', { detail: 'Two alerts stand. End one first.' });
    }
    const times = { placed_ms: nowMs, until_ms: nowMs + days * dayMs, ended_ms: null };
    const row = { id: uuidv7(clock, random), ...times };
    await trx
      .insertInto('fraud_alert')
      .values(await Promise.all(refs.map(async (ref) => await sealed(consumer, ref, { ...row, text }))))
      .execute();
    return { ...row, text };
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
    if (!(await rowsOf(trx, refs)).some((row) => row.id === id)) throw new CausewayError('not_found');
    await actOnce(trx, actor.signedIn);
    await trx
      .updateTable('fraud_alert')
      .set({ ended_ms: clock.now() })
      .where('subject_ref', 'in', refs)
      .where('id', '=', id)
      .where('ended_ms', 'is', null)
      .execute();
    return (await rowsOf(trx, refs)).find((row) => row.id === id);
  });
  if (ended === undefined) throw new CausewayError('internal', { internal: 'an alert vanished' });
  return viewOf(await opened(consumer, ended), clock.now());
}

export async function listAlerts(consumer: Consumer, refs: readonly string[]) {
  const byId = new Map((await rowsOf(consumer.db, refs)).map((row) => [row.id, row]));
  const alerts = await openedAll(consumer, [...byId.values()]);
  return { items: alerts.map((alert) => viewOf(alert, consumer.clock.now())) };
}

/** What a lender with a consent of this person is shown: the words that stand, and until when. */
export async function standingAlerts(consumer: Consumer, subjectRef: string) {
  const rows = await rowsOf(consumer.db, [subjectRef]);
  const standing = rows.filter((row) => stands(row, consumer.clock.now()));
  return (await openedAll(consumer, standing)).map(({ text, until_ms }) => ({
    ...{ kind: 'fraud_alert' as const, text, until: new Date(until_ms).toISOString() },
  }));
}

type Alert = Omit<FraudAlertRow, 'subject_ref' | 'words'> & { readonly text: string };
type Keyed = Pick<Consumer, 'random' | 'subjectKeys'>;

const placeOf = ({ id, ref }: { id: string; ref: string }): string => `fraud alert:${ref}:${id}`;

async function sealed({ random, subjectKeys }: Keyed, ref: string, alert: Alert): Promise<FraudAlertRow> {
  const { text, ...row } = alert;
  const key = await subjectKeys.of(ref);
  const words = sealFor(key, text, placeOf({ id: row.id, ref }), random);
  return { subject_ref: ref, words, ...row };
}

async function opened(
  { subjectKeys }: Keyed,
  { subject_ref: ref, words, ...row }: FraudAlertRow,
): Promise<Alert> {
  const key = await subjectKeys.of(ref);
  return { ...row, text: openFor(key, words, placeOf({ id: row.id, ref })).toString() };
}

const openedAll = async (keyed: Keyed, rows: readonly FraudAlertRow[]): Promise<Alert[]> =>
  await Promise.all(rows.map(async (row) => await opened(keyed, row)));

async function rowsOf(
  db: Kysely<ConsumerTables> | Transaction<ConsumerTables>,
  refs: readonly string[],
): Promise<FraudAlertRow[]> {
  return await db
    .selectFrom('fraud_alert')
    .select(['subject_ref', 'id', 'words', 'placed_ms', 'until_ms', 'ended_ms'])
    .where('subject_ref', 'in', refs)
    .orderBy('placed_ms', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

type Times = Pick<FraudAlertRow, 'ended_ms' | 'until_ms'>;

const stands = ({ ended_ms, until_ms }: Times, nowMs: number): boolean =>
  ended_ms === null && nowMs < until_ms;

function viewOf(row: Alert, nowMs: number): FraudAlert {
  const { ended_ms, id, placed_ms, text, until_ms } = row;
  return {
    ...{ id, text, placed_at: new Date(placed_ms).toISOString() },
    until: new Date(ended_ms ?? until_ms).toISOString(),
    status: stands(row, nowMs) ? 'standing' : 'over',
  };
}
