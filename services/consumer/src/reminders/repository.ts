import { type Kysely, sql } from 'kysely';
import type { ConsumerTables } from '../tables.ts';

type Db = Kysely<ConsumerTables>;

/** Since when the subject with these references wants no reminders (ms); null where they want them. */
export async function remindersStopped(db: Db, refs: readonly string[]): Promise<number | null> {
  const row = await db
    .selectFrom('reminder_stop')
    .select(({ fn }) => fn.min('since_ms').as('since'))
    .where('subject_ref', 'in', refs)
    .executeTakeFirst();
  return row?.since ?? null;
}

/** Stops them under every reference, or lets them come again; what is so already stays as it is. */
export async function stopReminders(db: Db, refs: readonly string[], sinceMs: number | null): Promise<void> {
  await db
    .insertInto('reminder_stop')
    .values(refs.map((subject_ref) => ({ subject_ref, since_ms: sinceMs })))
    .onConflict((conflict) =>
      conflict.column('subject_ref').doUpdateSet({
        since_ms: sinceMs === null ? null : sql<number>`coalesce(reminder_stop.since_ms, excluded.since_ms)`,
      }),
    )
    .execute();
}
