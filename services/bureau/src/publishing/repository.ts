import { withReceipts } from '@causeway/member';
import type { Digest, Signed } from '@causeway/protocol';
import { sql } from 'kysely';
import type { Kysely, Selectable } from 'kysely';

import type { BatchRow, BureauTables } from '../tables.ts';
import { insertUpload } from './uploads.ts';
import type { Upload } from './uploads.ts';

type Db = Kysely<BureauTables>;

export type Batch = Selectable<BatchRow>;

/** Stores a mapping's text under its digest; the same mapping twice is one row. */
export async function insertMapping(db: Db, digest: Digest, body: string, nowMs: number): Promise<void> {
  await db
    .insertInto('mapping')
    .values({ digest, body, created_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function findMapping(db: Db, digest: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('mapping')
    .select('body')
    .where('digest', '=', digest as Digest)
    .executeTakeFirst();
  return row?.body;
}

const batchColumns = [
  ...(['id', 'digest', 'mapping', 'state', 'spool', 'columns', 'bytes', 'next_offset', 'next_line'] as const),
  ...(['lines', 'accepted', 'rejected', 'subjects', 'started_ms', 'finished_ms'] as const),
  ...(['stored_under', 'again', 'warnings', 'deleted', 'disappeared'] as const),
  ...(['statement', 'statement_digest'] as const),
];

/** The batch of a file, by its newest mapping where none is named. */
export async function findBatch(db: Db, digest: string, mapping?: string): Promise<Batch | undefined> {
  let query = db
    .selectFrom('batch')
    .select(batchColumns)
    .where('digest', '=', digest as Digest);
  if (mapping !== undefined) query = query.where('mapping', '=', mapping as Digest);
  return await query.orderBy('started_ms', 'desc').limit(1).executeTakeFirst();
}

export async function runningBatches(db: Db): Promise<Batch[]> {
  return await db
    .selectFrom('batch')
    .select(batchColumns)
    .where('state', '=', 'running')
    .orderBy('started_ms')
    .execute();
}

interface NewBatch {
  readonly digest: Digest;
  readonly mapping: Digest;
  readonly spool: string;
  readonly columns: readonly string[];
  readonly bytes: number;
  readonly offset: number;
  readonly line: number;
  readonly nowMs: number;
}

/**
 * Accepts a received file with the statement that says so and its leaf, in one transaction. A file that was
 * accepted before stays as it is, under its first statement: this one counts for nothing then. Who of the
 * staff brought it is written in the same transaction: there is no moment at which they might sign it off.
 */
export async function acceptBatch(
  db: Db,
  batch: NewBatch,
  signed: Signed<'batch'>,
  upload?: Upload,
): Promise<void> {
  await withReceipts(db, async (trx, stage) => {
    const fresh = await insertBatch(trx, batch, signed);
    if (upload !== undefined) await insertUpload(trx, batch, upload);
    if (!fresh) return;
    const { iss, aud } = signed.claims;
    const about = { typ: 'batch', digest: signed.digest, inquiry: null, use: null, outcome: null };
    await stage(batch.digest, { ...about, iss, aud, at_ms: batch.nowMs });
  });
}

/** True where the statement is the batch's own. */
async function insertBatch(db: Db, batch: NewBatch, signed: Signed<'batch'>): Promise<boolean> {
  const inserted = await db
    .insertInto('batch')
    .values({
      ...{ digest: batch.digest, mapping: batch.mapping, state: 'running', spool: batch.spool },
      ...{ columns: [...batch.columns], bytes: batch.bytes, started_ms: batch.nowMs, finished_ms: null },
      ...{
        next_offset: batch.offset,
        next_line: batch.line,
        lines: 0,
        accepted: 0,
        rejected: 0,
        subjects: 0,
      },
      ...{ stored_under: null, again: false },
      ...{ statement: signed.jws, statement_digest: signed.digest },
    })
    .onConflict((conflict) =>
      conflict
        .columns(['digest', 'mapping'])
        .doUpdateSet({ statement: signed.jws, statement_digest: signed.digest })
        .where('batch.statement', 'is', null),
    )
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/**
 * Takes a complete batch from its beginning once more, from another copy of its file: its records are to be
 * stored under the references of these epochs too.
 */
export async function reopenBatch(db: Db, batch: NewBatch, epochs: readonly string[]): Promise<void> {
  const { digest, mapping, spool, offset, line } = batch;
  await db
    .updateTable('batch')
    .set({
      ...{ state: 'running', again: true, stored_under: null, spool, finished_ms: null },
      ...{ next_offset: offset, next_line: line, lines: 0, accepted: 0, rejected: 0 },
    })
    .where('digest', '=', digest)
    .where('mapping', '=', mapping)
    .where('state', '=', 'complete')
    .where(sql<boolean>`NOT coalesce(stored_under, '{}') @> ${[...epochs]}::text[]`)
    .execute();
}

/** Gives a batch whose file is gone another copy of it. */
export async function replaceSpool(db: Db, batch: Batch, spool: string): Promise<void> {
  await db
    .updateTable('batch')
    .set({ spool })
    .where('id', '=', batch.id)
    .where('spool', '=', batch.spool)
    .execute();
}

/** Rejected lines in file order, after a line, at most `limit`. */
export async function rejectionsAfter(db: Db, batch: Batch, line: number, limit: number) {
  return await db
    .selectFrom('rejection')
    .select(['line', 'column_name as column', 'rule', 'pointer', 'message'])
    .where('batch', '=', batch.digest)
    .where('mapping', '=', batch.mapping)
    .where('line', '>', line)
    .orderBy('line')
    .limit(limit)
    .execute();
}

/** Those of these lines that were rejected. */
export async function rejectionsAt(db: Db, batch: Batch, lines: readonly number[]): Promise<number[]> {
  const rows = await db
    .selectFrom('rejection')
    .select('line')
    .where('batch', '=', batch.digest)
    .where('mapping', '=', batch.mapping)
    .where('line', 'in', [...lines])
    .execute();
  return rows.map(({ line }) => line);
}

/** Lines that were taken and that their publisher is to know something of, in file order, after a line. */
export async function warningsAfter(db: Db, batch: Batch, line: number, limit: number) {
  return await db
    .selectFrom('batch_warning')
    .select(['line', 'rule', 'message'])
    .where('batch', '=', batch.digest)
    .where('mapping', '=', batch.mapping)
    .where('line', '>', line)
    .orderBy('line')
    .limit(limit)
    .execute();
}

/** Records that a snapshot no longer names, in the order of their keys, after the n-th. */
export async function disappearedAfter(db: Db, batch: Batch, n: number, limit: number) {
  return await db
    .selectFrom('disappeared')
    .select(['n', 'subject_ref', 'record', 'source_record_id', 'as_of'])
    .where('batch', '=', batch.id)
    .where('n', '>', n)
    .orderBy('n')
    .limit(limit)
    .execute();
}
