import type { Kysely, Selectable, Transaction } from 'kysely';
import type { ConsumerTables, FreezeRow } from '../tables.ts';

const columns = [
  ...(['subject_ref', 'id', 'exempt_purposes', 'placed_ms', 'lifted_ms', 'restricts'] as const),
];

/** A freeze as it is read. */
export type Freeze = Selectable<FreezeRow>;

/** The rows of the freezes of a subject, one per reference and freeze, the newest first. */
export async function freezesOf(db: Kysely<ConsumerTables>, refs: readonly string[]): Promise<Freeze[]> {
  return await db
    .selectFrom('subject_freeze')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .orderBy('placed_ms', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** Puts each of these references under the freeze; one that is under it already stays. */
export async function placeFreeze(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  freeze: Pick<FreezeRow, 'id' | 'placed_ms'>,
): Promise<void> {
  await trx
    .insertInto('subject_freeze')
    .values(refs.map((subject_ref) => ({ subject_ref, exempt_purposes: [], lifted_ms: null, ...freeze })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Ends a freeze for every reference that is under it. */
export async function liftFreeze(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  id: string,
  nowMs: number,
): Promise<void> {
  await trx
    .updateTable('subject_freeze')
    .set({ lifted_ms: nowMs })
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .where('lifted_ms', 'is', null)
    .execute();
}
