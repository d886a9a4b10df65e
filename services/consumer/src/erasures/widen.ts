import { sql, type Transaction } from 'kysely';
import type { ConsumerTables } from '../tables.ts';
import { keepProofs } from './deliveries.ts';

/**
 * Whoever of these references wants to be erased does so for all of them, which are one subject from now on,
 * under one freeze. A node that has acknowledged already is brought it anew: it was not told of all of them.
 */
export async function widenErasures(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  { freeze_id, nowMs }: { readonly freeze_id: string; readonly nowMs: number },
): Promise<void> {
  const widened = await trx
    .updateTable('erasure')
    .set({ refs: [...refs], freeze_id })
    .where(sql<boolean>`refs && ${[...refs]}::text[]`)
    .where('state', '<>', 'withdrawn')
    .returning('id')
    .execute();
  for (const { id } of widened) {
    await keepProofs(trx, id);
    await trx
      .updateTable('erasure_delivery')
      .set({ ack: null, acked_ms: null, next_ms: nowMs })
      .where('erasure', '=', id)
      .where('acked_ms', 'is not', null)
      .execute();
  }
}
