import type { LeafOpening } from '@causeway/ledger';
import { hotTransaction } from '@causeway/service';
import type { HotStatement, HotTransaction } from '@causeway/service';
import { sql } from 'kysely';
import type { Kysely, RawBuilder, Transaction } from 'kysely';
import type pg from 'pg';

declare const committed: unique symbol;

/**
 * Proof that a leaf was staged in a transaction that has committed: the sequencer will place it whatever
 * happens now. Releasing personal data demands one. Made in this module only.
 */
export interface LeafReceipt {
  readonly [committed]: true;
  readonly digest: LeafOpening['digest'];
  /** When the leaf was staged, milliseconds since the epoch. */
  readonly at_ms: number;
}

/**
 * Puts a leaf beside the row that it records: written with all others when the work is done, before COMMIT.
 */
export type StageLeaf = (partitionKey: string, opening: LeafOpening) => Promise<void>;

/**
 * Puts a leaf into `leaf_staging`. `partitionKey` is that of the row it records (subject_ref, or inquiry id
 * at the broker). A statement staged twice is one leaf.
 */
export async function stageLeaf<DB>(
  trx: Transaction<DB>,
  partitionKey: string,
  opening: LeafOpening,
): Promise<void> {
  await stageLeaves(trx, [{ partitionKey, opening }]);
}

/** A leaf and the partition key of the row that it records. */
interface Staged {
  readonly partitionKey: string;
  readonly opening: LeafOpening;
}

async function stageLeaves<DB>(trx: Transaction<DB>, staged: readonly Staged[]): Promise<void> {
  if (staged.length > 0) await insertLeaves(staged).execute(trx);
}

/**
 * The INSERT that stages leaves, in their order, also for use as a part of a larger statement: with `onlyIf`,
 * the name of another part, it stages them only where that part has returned a row.
 */
export function insertLeaves(staged: readonly Staged[], onlyIf?: string): RawBuilder<Record<string, never>> {
  const rows = rowsOf(staged);
  const condition = onlyIf === undefined ? sql`` : sql`WHERE EXISTS (SELECT FROM ${sql.table(onlyIf)})`;
  return sql`
    INSERT INTO leaf_staging (partition_key, digest, typ, inquiry, use, iss, aud, at_ms, outcome)
    SELECT partition_key, digest, typ, inquiry, use, iss, aud, at_ms, outcome
    FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS (partition_key text, digest text,
      typ text, inquiry text, use bigint, iss text, aud text, at_ms bigint, outcome text))
      WITH ORDINALITY AS staged (partition_key, digest, typ, inquiry, use, iss, aud, at_ms, outcome, n)
    ${condition} ORDER BY n`;
}

const stageHot: HotStatement = {
  name: 'stage_leaves',
  text: `INSERT INTO leaf_staging (partition_key, digest, typ, inquiry, use, iss, aud, at_ms, outcome)
    SELECT partition_key, digest, typ, inquiry, use, iss, aud, at_ms, outcome
    FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (partition_key text, digest text, typ text,
      inquiry text, use bigint, iss text, aud text, at_ms bigint, outcome text))
      WITH ORDINALITY AS staged (partition_key, digest, typ, inquiry, use, iss, aud, at_ms, outcome, n)
    ORDER BY n`,
};

/** `stageLeaf` in a transaction that the caller runs on a connection of its own. */
export async function stageLeafOn(
  client: pg.PoolClient,
  partitionKey: string,
  opening: LeafOpening,
): Promise<void> {
  await client.query({ ...stageHot, values: [JSON.stringify(rowsOf([{ partitionKey, opening }]))] });
}

/** Stages a leaf of a hot transaction; all of them are written together when the work is done. */
export type StageHotLeaf = (partitionKey: string, opening: LeafOpening) => void;

/**
 * `withReceipts` for the hot path: one transaction for a whole batch. The receipts are found by the digest of
 * what they are for.
 */
export async function withHotReceipts<T>(
  pool: pg.Pool,
  work: (trx: HotTransaction, stage: StageHotLeaf) => Promise<T>,
): Promise<{ value: T; receipts: ReadonlyMap<string, LeafReceipt> }> {
  const staged: Staged[] = [];
  const value = await hotTransaction(pool, async (trx) => {
    const done = await work(trx, (partitionKey, opening) => void staged.push({ partitionKey, opening }));
    if (staged.length > 0) await trx.query(stageHot, [JSON.stringify(rowsOf(staged))]);
    return done;
  });
  // A crash here leaves records and staged leaves without an answer, as for `withReceipts`.
  return { value, receipts: new Map(staged.map(({ opening }) => [opening.digest, receiptFor(opening)])) };
}

const rowsOf = (staged: readonly Staged[]) =>
  staged.map(({ partitionKey, opening }) => ({ partition_key: partitionKey, ...opening }));

/** A statement as the query builder wants it for a part of a larger one. */
export const asPart = <T>(statement: RawBuilder<T>): RawBuilder<T> => sql<T>`(${statement})`;

/**
 * Runs `work` in one transaction and hands out a receipt for each leaf it staged, in that order. A receipt
 * exists only once the COMMIT has been answered: where the answer is lost there is none, and the caller comes
 * again under the same once key.
 */
export async function withReceipts<DB, T>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>, stage: StageLeaf) => Promise<T>,
): Promise<{ value: T; receipts: LeafReceipt[] }> {
  const staged: Staged[] = [];
  const value = await db.transaction().execute(async (trx) => {
    staged.length = 0;
    const done = await work(trx, async (partitionKey, opening) => {
      staged.push({ partitionKey, opening });
    });
    await stageLeaves(trx, staged);
    return done;
  });
  // A crash here leaves records and staged leaves without an answer: the sequencer places the leaves, and a
  // retry under the same once key finds the records.
  return { value, receipts: staged.map(({ opening }) => receiptFor(opening)) };
}

function receiptFor({ digest, at_ms }: LeafOpening): LeafReceipt {
  return { digest, at_ms } as LeafReceipt;
}
