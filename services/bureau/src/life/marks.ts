import { dateOf, uuidv7 } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { Mark } from '@causeway/records/life/index';
import type pg from 'pg';

import type { Bureau } from '../bureau.ts';
import { inTransaction } from '../store/in-transaction.ts';
import type { RecordKey } from '../store/record-key.ts';
import { keyColumns } from '../store/record-key.ts';
import type { StampedRow } from './restamp.ts';
import { keyOf, lockRecords, stampRow, writeStamps } from './restamp.ts';

/** Marks that stand on one record at a time. */
const marksMax = 12;

type Marking = Pick<Bureau, 'clock' | 'life' | 'pool' | 'random'>;

/**
 * Marks a record under each of these keys, which are one record in several epochs of references. From then on
 * the mark travels with every answer. Returns its id.
 * @throws CausewayError `not_found` where there is no such record, `conflict` where it has too many marks
 */
export async function addMark(
  bureau: Marking,
  keys: readonly RecordKey[],
  said: Omit<Mark, 'added_on'>,
): Promise<string> {
  return await inTransaction(bureau.pool, async (client) => {
    const rows = await lockRecords(client, keys);
    if (rows.length === 0) throw new CausewayError('not_found');
    return await markRows(bureau, client, rows, said);
    // A crash before the COMMIT is answered leaves the mark on all of the rows or on none; it is sent again.
  });
}

/** Marks rows that the transaction has locked. Returns the mark's id. */
export async function markRows(
  bureau: Marking,
  client: pg.PoolClient,
  rows: readonly StampedRow[],
  said: Omit<Mark, 'added_on'>,
): Promise<string> {
  const { clock, life, random } = bureau;
  const id = uuidv7(clock, random);
  const body: Mark = { ...said, added_on: dateOf(clock.now(), life().zone) };
  await client.query(
    `INSERT INTO mark (subject_ref, record, source_record_id, mark, body, from_ms)
     SELECT each.*, $4, $5, $6 FROM unnest($1::text[], $2::text[], $3::text[]) AS each`,
    [...keyColumns(rows.map(keyOf)), id, JSON.stringify(body), clock.now()],
  );
  await rewrite(bureau, client, rows);
  return id;
}

/** Ends a mark; it stays known that it stood. @throws CausewayError `not_found` where none such stands */
export async function endMark(bureau: Marking, id: string): Promise<void> {
  await inTransaction(bureau.pool, async (client) => {
    if (!(await endMarkIn(bureau, client, id))) throw new CausewayError('not_found');
    // A crash before the COMMIT is answered leaves the mark as it was or ended; ending it again says which.
  });
}

/** Ends a mark in the caller's transaction; false where none such stands. */
export async function endMarkIn(bureau: Marking, client: pg.PoolClient, id: string): Promise<boolean> {
  const marked = await client.query<RecordKey>(
    `SELECT subject_ref AS "subjectRef", record, source_record_id AS "sourceRecordId" FROM mark
     WHERE mark = $1 AND ended_ms IS NULL`,
    [id],
  );
  const rows = await lockRecords(client, marked.rows);
  const ended = await client.query('UPDATE mark SET ended_ms = $2 WHERE mark = $1 AND ended_ms IS NULL', [
    ...[id, bureau.clock.now()],
  ]);
  await rewrite(bureau, client, rows);
  return ended.rowCount !== 0;
}

/** The rows carry their marks, so that an answer needs to look nowhere else. */
async function rewrite(
  { clock, life }: Marking,
  client: pg.PoolClient,
  rows: readonly StampedRow[],
): Promise<void> {
  const standing = await client.query<{ at: number; body: string }>(
    `SELECT asked.at::int AS at, mark.body
     FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
         AS asked (subject_ref, record, source_record_id, at)
       JOIN mark USING (subject_ref, record, source_record_id)
     WHERE mark.ended_ms IS NULL ORDER BY mark.from_ms, mark.mark`,
    keyColumns(rows.map(keyOf)),
  );
  const [nowMs, rules] = [clock.now(), life()];
  const stamped = rows.map((row, n) => {
    const bodies = standing.rows.filter(({ at }) => at === n + 1).map(({ body }) => body);
    if (bodies.length > marksMax)
      throw new CausewayError('conflict', { detail: 'The record has its marks.' });
    const marks = bodies.length === 0 ? null : `[${bodies.join(',')}]`;
    return stampRow({ ...row, marks }, rules, nowMs);
  });
  await writeStamps(client, stamped);
}
