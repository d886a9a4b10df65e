import { Findings, proveLedger } from '@causeway/ledger';
import type { Finding, Signers } from '@causeway/ledger';
import type pg from 'pg';

import { databaseReader, doubledDigests, leavesBeyond, tilesBeyond } from './fsck-rows.ts';
import type { Queryable } from './tile-rows.ts';

interface Options extends Signers {
  readonly pool: pg.Pool;
  /** Findings beyond this are not told. */
  readonly findingsMax?: number;
}

/**
 * Proves a whole ledger anew from its database, as it stands at one moment; beside what `proveLedger` looks
 * at, that digests are unique and that nothing stands beyond the end. Nothing staged is judged: a statement
 * may be staged twice, and is one leaf.
 */
export async function fsckLedger({
  pool,
  findingsMax = 100,
  ...signers
}: Options): Promise<readonly Finding[]> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const findings = new Findings(findingsMax);
    const reader = databaseReader(client);
    await proveLedger(reader, signers, findings);
    const { placed, signed } = await reader.sizes();
    await findBeyond(client, { end: Math.max(placed, signed), signed }, findings);
    return findings.list;
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
    client.release();
  }
}

async function findBeyond(
  db: Queryable,
  { end, signed }: { end: number; signed: number },
  findings: Findings,
): Promise<void> {
  for (const index of await leavesBeyond(db, end))
    findings.leaf(index, 'stands beyond the size of the ledger');
  findings.endRun();
  for (const { digest: _, first, last } of await doubledDigests(db))
    findings.add({ what: 'leaf', at: `${last}`, detail: `the same as leaf ${first}` });
  for (const { level, idx } of await tilesBeyond(db, signed))
    findings.add({ what: 'tile', at: `${level}/${idx}`, detail: 'no checkpoint covers it' });
}
