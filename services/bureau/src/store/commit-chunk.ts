import { once } from 'node:events';
import type { Digest } from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';
import { openingCategories } from '@causeway/records/projection';
import type { Rejection } from '@causeway/records/publishing/index';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** Lines of a batch that become visible together, with the progress behind them. */
export interface Chunk {
  readonly batch: { readonly id: number; readonly digest: Digest; readonly mapping: Digest };
  readonly fromOffset: number;
  readonly nextOffset: number;
  readonly nextLine: number;
  readonly accepted: number;
  readonly rejections: readonly Rejection[];
  readonly rows: readonly StoredRow[];
  /** The epochs of references under which all of `rows` are; null where there are none. */
  readonly epochs: readonly string[] | null;
  /** Set with the last chunk, ms since the epoch. */
  readonly finishedMs: number | null;
}

export interface StoredRow {
  readonly subjectRef: string;
  readonly kind: 'person' | 'enterprise';
  readonly record: CreditRecord;
  /** The record once more, under the reference of its subject in another epoch. */
  readonly again: boolean;
}

/**
 * True when committed; false where another run of the same batch has been here before, and nothing was
 * written.
 */
export type CommitChunk = (chunk: Chunk) => Promise<boolean>;

type Client = pg.PoolClient;

/** Writes chunks by COPY and one upsert each, together with the batch's progress: all in one transaction. */
export function chunkWriter(pool: pg.Pool): CommitChunk {
  return async (chunk) => {
    const client = await pool.connect();
    let failure: Error | undefined;
    try {
      await client.query('BEGIN');
      const mine = await advance(client, chunk);
      if (mine) await store(client, chunk);
      await client.query(mine ? 'COMMIT' : 'ROLLBACK');
      // A crash before the COMMIT is answered leaves the whole chunk or none of it, and the progress says
      // which.
      return mine;
    } catch (error) {
      failure = error instanceof Error ? error : new Error('unknown failure');
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release(failure);
    }
  };
}

async function store(client: Client, chunk: Chunk): Promise<void> {
  if (chunk.rejections.length > 0) await insertRejections(client, chunk);
  if (chunk.rows.length > 0) await insertRecords(client, chunk);
}

/** Compare-and-swap on the offset: of two runs of one batch only one writes each chunk. */
async function advance(client: Client, chunk: Chunk): Promise<boolean> {
  const { batch, fromOffset, nextOffset, nextLine, accepted, rejections, epochs, finishedMs } = chunk;
  const result = await client.query({
    name: 'advance_batch',
    text: `UPDATE batch SET next_offset = $4, next_line = $5, lines = lines + $6 + $7,
        accepted = accepted + $6, rejected = rejected + $7, finished_ms = $8,
        stored_under = CASE WHEN $9::text[] IS NULL THEN stored_under WHEN stored_under IS NULL THEN $9
          ELSE ARRAY (SELECT unnest(stored_under) INTERSECT SELECT unnest($9) ORDER BY 1) END,
        state = CASE WHEN $8::bigint IS NULL THEN 'running' ELSE 'complete' END
      WHERE digest = $1 AND mapping = $2 AND next_offset = $3 AND state = 'running'`,
    values: [
      ...[batch.digest, batch.mapping, fromOffset, nextOffset, nextLine],
      ...[accepted, rejections.length, finishedMs, epochs],
    ],
  });
  return result.rowCount === 1;
}

async function insertRejections(client: Client, { batch, rejections }: Chunk): Promise<void> {
  await client.query(
    `INSERT INTO rejection (batch, mapping, line, column_name, rule, pointer, message)
     SELECT $1, $2, line, "column", rule, pointer, message FROM jsonb_to_recordset($3::jsonb)
       AS each (line bigint, "column" text, rule text, pointer text, message text)
     ON CONFLICT DO NOTHING`,
    [batch.digest, batch.mapping, JSON.stringify(rejections)],
  );
}

async function insertRecords(client: Client, { batch, rows }: Chunk): Promise<void> {
  await client.query(
    `CREATE TEMPORARY TABLE staged (n int, subject_ref text, kind text, record text, source_record_id text,
       as_of text, body text, again boolean, opened_by text) ON COMMIT DROP`,
  );
  await copyRows(client, rows);
  await client.query(
    `INSERT INTO subject (subject_ref, kind) SELECT DISTINCT ON (subject_ref) subject_ref, kind FROM staged
     ORDER BY subject_ref ON CONFLICT DO NOTHING`,
  );
  await client.query(
    `UPDATE batch SET subjects = subjects + (
       SELECT count(DISTINCT subject_ref) FROM staged WHERE NOT again AND NOT EXISTS (
         SELECT FROM record WHERE record.subject_ref = staged.subject_ref AND record.batch = $1))
     WHERE digest = $2 AND mapping = $3`,
    [batch.id, batch.digest, batch.mapping],
  );
  // In key order, so that two batches that meet in the same records wait for each other in one direction
  // only.
  await client.query(
    `INSERT INTO record (subject_ref, record, source_record_id, as_of, body, opened_by, batch)
     SELECT DISTINCT ON (subject_ref, record, source_record_id)
       subject_ref, record, source_record_id, as_of, body, opened_by, $1::bigint FROM staged
     ORDER BY subject_ref, record, source_record_id, n DESC
     ON CONFLICT (subject_ref, record, source_record_id) DO UPDATE SET
       body = CASE WHEN excluded.as_of >= record.as_of THEN excluded.body ELSE record.body END,
       opened_by = CASE WHEN excluded.as_of >= record.as_of THEN excluded.opened_by ELSE record.opened_by END,
       as_of = greatest(excluded.as_of, record.as_of), batch = excluded.batch`,
    [batch.id],
  );
}

async function copyRows(client: Client, rows: readonly StoredRow[]): Promise<void> {
  const stream = client.query(copyFrom('COPY staged FROM STDIN'));
  const finished = once(stream, 'finish');
  stream.end(rows.map(copyLine).join(''));
  await finished;
}

function copyLine({ subjectRef, kind, record, again }: StoredRow, n: number): string {
  const { record: name, source_record_id, as_of } = record;
  const columns = [String(n), subjectRef, kind, name, source_record_id, as_of, JSON.stringify(record)];
  return `${[...columns, String(again)].map(escapeCopy).join('\t')}\t${openedBy(record) ?? '\\N'}\n`;
}

/** The categories that let a record out as it is, in one text; null where nothing does. */
export function openedBy(record: CreditRecord): string | null {
  return openingCategories(record)?.toSorted().join(' ') ?? null;
}

/** COPY text format: a backslash before what would end the column or the line. */
const escapeCopy = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
