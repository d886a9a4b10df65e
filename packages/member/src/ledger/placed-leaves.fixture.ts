import { createHash } from 'node:crypto';

import type pg from 'pg';

/** The digest of the n-th test leaf. */
export const leafDigest = (n: number): string =>
  `sha-256:${createHash('sha256').update(`leaf ${n}`).digest('base64url')}`;

/** Places leaves as the sequencer would, the next `count` of the sequence of test leaves. */
export async function appendLeaves(pool: pg.Pool, count: number): Promise<void> {
  const { rows } = await pool.query<{ size: number }>('SELECT size FROM ledger_state');
  const size = rows[0]?.size ?? 0;
  const placed = Array.from({ length: count }, (_, at) => ({
    idx: size + at,
    digest: leafDigest(size + at),
  }));
  await pool.query(
    `WITH placed AS (
      INSERT INTO leaf (idx, digest, typ, iss, aud, at_ms)
      SELECT idx, digest, 'inquiry', 'abc-bank', 'broker', 1780000000000
      FROM jsonb_to_recordset($1::jsonb) AS p (idx bigint, digest text)
    ) UPDATE ledger_state SET size = $2`,
    [JSON.stringify(placed), size + count],
  );
}
