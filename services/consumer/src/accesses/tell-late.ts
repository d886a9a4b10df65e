import { transaction } from '@causeway/service';
import { sql } from 'kysely';
import type { Consumer } from '../consumer.ts';

/**
 * Tells of the lines whose day has come up to this moment (ms since the epoch), each once, over events and
 * channels as if they had been written now. Of several processes one does it. That a line is shown does not
 * depend on it: its day is enough.
 */
export async function tellLateLines({ db }: Pick<Consumer, 'db'>, nowMs: number): Promise<void> {
  await transaction(db, async (trx) => {
    const row = { single: true, until_ms: 0 };
    await trx
      .insertInto('late_line_sweep')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const told = await trx
      .selectFrom('late_line_sweep')
      .select('until_ms')
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (told === undefined || told.until_ms >= nowMs) return;
    await sql`SELECT tell_late_accesses(${told.until_ms}::bigint, ${nowMs}::bigint)`.execute(trx);
    await trx.updateTable('late_line_sweep').set({ until_ms: nowMs }).execute();
  });
  // A crash before the COMMIT leaves it untold: the next run finds the same lines.
}
