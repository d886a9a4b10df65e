import { hotQuery } from '@causeway/service';
import type pg from 'pg';

const cosignersRow = {
  name: 'cosigners_of',
  text: 'SELECT witness FROM ledger_cosignature WHERE size = $1',
};

/** The members whose cosignatures on the checkpoint of this size are kept. */
export async function cosignersOf(pool: pg.Pool, size: number): Promise<string[]> {
  const rows = await hotQuery<{ witness: string }>(pool, cosignersRow, [size]);
  return rows.map(({ witness }) => witness);
}

/** A cosignature as it is kept and served: its signature line, newline included. */
export interface KeptCosignature {
  readonly size: number;
  readonly witness: string;
  readonly line: string;
  /** Seconds since the epoch, by the witness's clock. */
  readonly time_s: number;
}

const insertCosignature = {
  name: 'keep_cosignature',
  text: `INSERT INTO ledger_cosignature (size, witness, line, cosigned_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING`,
};

/** Keeps it; the first one of a witness stays. A crash before it: the witness gives it again. */
export async function keepCosignature(pool: pg.Pool, kept: KeptCosignature): Promise<void> {
  await hotQuery(pool, insertCosignature, [kept.size, kept.witness, kept.line, kept.time_s]);
}

const recentRows = {
  name: 'recent_cosigners',
  text: `SELECT size, array_agg(witness) AS witnesses FROM ledger_cosignature
    WHERE size > $1 GROUP BY size ORDER BY size DESC LIMIT 100`,
};

/** The newest checkpoints above a size that anybody has cosigned, the newest first, each with who did. */
export async function recentCosigners(
  pool: pg.Pool,
  aboveSize: number,
): Promise<{ size: number; witnesses: string[] }[]> {
  return await hotQuery(pool, recentRows, [aboveSize]);
}
