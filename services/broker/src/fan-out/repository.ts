import type { Kysely, Selectable, Transaction } from 'kysely';

import type { BrokerTables, BureauState, InquiryBureauTable } from '../tables.ts';

type Db = Kysely<BrokerTables>;
type Trx = Transaction<BrokerTables>;

export type BureauRow = Selectable<InquiryBureauTable>;

export const openStates: readonly BureauState[] = ['waiting', 'asking'];

export async function bureauRows(db: Db, inquiry: string): Promise<BureauRow[]> {
  return await db
    .selectFrom('inquiry_bureau')
    .where('inquiry', '=', inquiry)
    .select(['inquiry', 'bureau', 'state', 'attempt', 'next_at_ms', 'seq', 'code'])
    .orderBy('bureau')
    .execute();
}

/** The bureaus whose row is due: waiting, or asked by a worker that has not been heard of since its lease. */
export async function dueBureaus(db: Db, inquiry: string, nowMs: number): Promise<string[]> {
  const rows = await db
    .selectFrom('inquiry_bureau')
    .where('inquiry', '=', inquiry)
    .where('state', 'in', openStates)
    .where('next_at_ms', '<=', nowMs)
    .select('bureau')
    .execute();
  return rows.map((row) => row.bureau);
}

/**
 * Takes due rows for one attempt and raises their fencing number: who held them before can no longer write.
 */
export async function claimBureaus(
  trx: Trx,
  inquiry: string,
  bureaus: readonly string[],
  times: { nowMs: number; leaseUntilMs: number },
): Promise<{ bureau: string; attempt: number }[]> {
  if (bureaus.length === 0) return [];
  return await trx
    .updateTable('inquiry_bureau')
    .set((eb) => ({ state: 'asking', attempt: eb('attempt', '+', 1), next_at_ms: times.leaseUntilMs }))
    .where('inquiry', '=', inquiry)
    .where('bureau', 'in', bureaus)
    .where('state', 'in', openStates)
    .where('next_at_ms', '<=', times.nowMs)
    .returning(['bureau', 'attempt'])
    .execute();
}
