import type { Kysely, Transaction } from 'kysely';
import type { ConsumerTables, WindowRow } from '../tables.ts';

const columns = [
  ...(['subject_ref', 'id', 'freeze_id', 'lender', 'sequence', 'from_ms', 'until_ms', 'ended_ms'] as const),
];

/** The rows of the windows of a subject, one per reference and window, the newest first. */
export async function windowsOf(db: Kysely<ConsumerTables>, refs: readonly string[]): Promise<WindowRow[]> {
  return await db
    .selectFrom('freeze_window')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .orderBy('from_ms', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export async function insertWindow(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  window: Omit<WindowRow, 'subject_ref' | 'ended_ms'>,
): Promise<void> {
  await trx
    .insertInto('freeze_window')
    .values(refs.map((subject_ref) => ({ subject_ref, ended_ms: null, ...window })))
    .execute();
}

/**
 * Ends windows before their time: one, those of one lender, or all of a freeze. Returns those that were open,
 * each once.
 */
export async function endWindows(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  which: { readonly [name in 'id' | 'freeze_id' | 'lender']?: string },
  nowMs: number,
): Promise<WindowRow[]> {
  let update = trx
    .updateTable('freeze_window')
    .set({ ended_ms: nowMs })
    .where('subject_ref', 'in', refs)
    .where('ended_ms', 'is', null)
    .where('until_ms', '>', nowMs);
  if (which.id !== undefined) update = update.where('id', '=', which.id);
  if (which.freeze_id !== undefined) update = update.where('freeze_id', '=', which.freeze_id);
  if (which.lender !== undefined) update = update.where('lender', '=', which.lender);
  const rows = await update.returning(columns).execute();
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}
