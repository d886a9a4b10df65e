import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noteKey } from '@causeway/ledger';
import { fsckLedger } from '@causeway/member/ledger/fsck';
import { ledgerOrigin } from '@causeway/member/ledger/ledger-name';
import type { PrivateJwk } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { createDatabase, createLog } from '@causeway/service';
import { databaseUrl } from '../e2e/rows.ts';
import { PROVEN, type Violation } from './invariants.ts';

/** What `fsck` finds in the ledgers of all nodes, and leaves at rest that no checkpoint covers. */
export async function unprovenLedgers(federation: Federation): Promise<Violation[]> {
  const nodes = ['authority', 'broker', 'consumer', ...federation.card.bureaus];
  const found: Violation[] = [];
  for (const node of nodes) {
    for (const row of await faultsOf(federation, node)) found.push({ invariant: PROVEN, node, row });
  }
  return found;
}

async function faultsOf(federation: Federation, node: string): Promise<string[]> {
  const origin = ledgerOrigin(federation.ceremony.fed, node);
  const key = noteKey(origin, 'note', publicBytes(join(federation.home, 'keys', node, 'ledger.jwk')));
  const log = createLog({ name: 'fsck', level: 'silent' });
  const { pool } = createDatabase({ url: databaseUrl(federation, node), name: 'fsck', max: 1, log });
  try {
    const findings = await fsckLedger({ pool, ledger: { origin, keys: [key] }, witnesses: [] });
    const behind = await pool.query<{ size: number }>(
      `SELECT size FROM ledger_state
        WHERE size > COALESCE((SELECT max(size) FROM ledger_checkpoint), 0)`,
    );
    return [
      ...findings.map(({ what, at, detail }) => `${what} ${at} ${detail}`),
      ...behind.rows.map(({ size }) => `no checkpoint of size ${size}`),
    ];
  } finally {
    // Not `close`: the query builder has not been used, and would not know of the pool.
    await pool.end();
  }
}

const publicBytes = (file: string): Uint8Array =>
  Buffer.from((JSON.parse(readFileSync(file, 'utf8')) as PrivateJwk).x, 'base64url');
