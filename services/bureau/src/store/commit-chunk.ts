import type { Clock } from '@causeway/kernel';
import type { Digest } from '@causeway/protocol';
import type { LifeRules } from '@causeway/records/life/index';
import type { Rejection, Warning } from '@causeway/records/publishing/index';
import type pg from 'pg';

import { addQuality } from '../quality/repository.ts';
import type { QualityGain } from '../quality/repository.ts';
import { countSubjects } from './count-subjects.ts';
import { listDisappeared } from './disappeared.ts';
import { inTransaction } from './in-transaction.ts';
import type { Stored, StoredRow } from './store-rows.ts';
import { storeRows } from './store-rows.ts';
import { knownSubjects } from './subjects.ts';
import { Overtaken } from './write-versions.ts';

/** Lines of a batch that become visible together, with the progress behind them. */
export interface Chunk {
  readonly batch: {
    readonly id: number;
    readonly digest: Digest;
    readonly mapping: Digest;
    /** Of the signed batch, which each of its records names. */
    readonly statement_digest: Digest | null;
  };
  readonly fromOffset: number;
  readonly nextOffset: number;
  readonly nextLine: number;
  readonly accepted: number;
  readonly rejections: readonly Rejection[];
  /** What is odd about lines that are taken; none where they were counted before. */
  readonly warnings: readonly Warning[];
  readonly rows: readonly StoredRow[];
  /** The epochs of references under which all of `rows` are; null where there are none. */
  readonly epochs: readonly string[] | null;
  /** What these lines add to the index of data quality; null where they were counted before. */
  readonly quality: QualityGain | null;
  /** Set with the last chunk, ms since the epoch. */
  readonly finishedMs: number | null;
  /** True for the last chunk of a file that names all there is. */
  readonly endsSnapshot: boolean;
}

/**
 * True when committed; false where another run of the same batch has been here before, and nothing was
 * written.
 */
export type CommitChunk = (chunk: Chunk) => Promise<boolean>;

type Client = pg.PoolClient;

interface Parts {
  readonly clock: Clock;
  readonly life: () => LifeRules;
}

/** How often a chunk that met another in the same new records is read anew. */
const attemptsMax = 5;

/** Writes chunks with the batch's progress, each in one transaction. */
export function chunkWriter(pool: pg.Pool, parts: Parts): CommitChunk {
  return async (chunk) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await commit(pool, parts, chunk);
      } catch (error) {
        if (!(error instanceof Overtaken) || attempt === attemptsMax) throw error;
      }
    }
  };
}

async function commit(pool: pg.Pool, parts: Parts, chunk: Chunk): Promise<boolean> {
  return await inTransaction(pool, async (client) => {
    const mine = await advance(client, chunk);
    if (mine) await store(client, parts, chunk);
    // A crash before the COMMIT is answered leaves the whole chunk or none of it, and the progress says
    // which.
    return mine;
  });
}

async function store(client: Client, { clock, life }: Parts, chunk: Chunk): Promise<void> {
  const { batch, rejections, rows } = chunk;
  if (rejections.length > 0) await insertLines(client, 'rejection', batch, rejections);
  if (rows.length > 0) {
    const known = await knownSubjects(client, [...new Set(rows.map(({ subjectRef }) => subjectRef))]);
    const counted = rows.filter(({ again }) => !again).map(({ subjectRef }) => subjectRef);
    await countSubjects(client, batch, new Set(counted), known);
    const stored = await storeRows(client, rows, {
      ...{ batch: batch.id, statement: batch.statement_digest, nowMs: clock.now(), rules: life(), known },
    });
    await keepOutcome(client, chunk, stored);
  }
  if (chunk.quality !== null) await addQuality(client, chunk.quality);
  if (chunk.endsSnapshot) await listDisappeared(client, batch.id);
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

/** One warning for a line, where there are several: what storing says comes before what reading says. */
async function keepOutcome(client: Client, { batch, warnings: read }: Chunk, stored: Stored): Promise<void> {
  const { deleted } = stored;
  const warnings = [...new Map([...read, ...stored.warnings].map((each) => [each.line, each])).values()];
  if (deleted === 0 && warnings.length === 0) return;
  await client.query(
    `UPDATE batch SET deleted = deleted + $3, warnings = warnings + $4 WHERE digest = $1 AND mapping = $2`,
    [batch.digest, batch.mapping, deleted, warnings.length],
  );
  await insertLines(client, 'batch_warning', batch, warnings);
}

/** What is told of a line, rejected or taken. */
interface TellingLine {
  readonly line: number;
  readonly rule: string;
  readonly message: string;
  readonly column?: string | null;
  readonly pointer?: string | null;
}

const columnsOf = {
  rejection: 'line, column_name, rule, pointer, message',
  batch_warning: 'line, rule, message',
} as const;

async function insertLines(
  client: Client,
  table: keyof typeof columnsOf,
  batch: Chunk['batch'],
  lines: readonly TellingLine[],
): Promise<void> {
  const rows = lines.map(({ column, ...line }) => ({ ...line, column_name: column }));
  await client.query(
    `INSERT INTO ${table} (batch, mapping, ${columnsOf[table]})
     SELECT $1, $2, ${columnsOf[table]} FROM jsonb_to_recordset($3::jsonb)
       AS each (line bigint, column_name text, rule text, pointer text, message text)
     ON CONFLICT DO NOTHING`,
    [batch.digest, batch.mapping, JSON.stringify(rows)],
  );
}
