import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { noteKey } from '@causeway/ledger';
import { createDatabase, createLog } from '@causeway/service';
import { loadSettings } from '@causeway/service/config';
import Type from 'typebox';

import { fsckLedger } from './fsck.ts';
import { ledgerOrigin } from './ledger-name.ts';

/**
 * The operator's look at a node's ledger: `CAUSEWAY_FED`, `CAUSEWAY_MEMBER`, `CAUSEWAY_KEYS_DIR` and
 * `CAUSEWAY_DATABASE_URL` as the service has them. Prints one JSON array of findings, and exits with 6 where
 * there is one. It writes nothing, and may run beside the service.
 */
const exitUnverified = 6;

const settings = loadSettings({
  CAUSEWAY_FED: Type.String(),
  CAUSEWAY_MEMBER: Type.String(),
  CAUSEWAY_KEYS_DIR: Type.String(),
  CAUSEWAY_DATABASE_URL: Type.String(),
});

function publicKeyIn(dir: string): Uint8Array {
  const jwk: unknown = JSON.parse(readFileSync(join(dir, 'ledger.jwk'), 'utf8'));
  const x: unknown = typeof jwk === 'object' && jwk !== null ? Reflect.get(jwk, 'x') : undefined;
  return Buffer.from(String(x), 'base64url');
}

const origin = ledgerOrigin(settings.CAUSEWAY_FED, settings.CAUSEWAY_MEMBER);
const key = noteKey(origin, 'note', publicKeyIn(settings.CAUSEWAY_KEYS_DIR));
const log = createLog({ name: 'fsck', level: 'silent' });
const { pool } = createDatabase({ url: settings.CAUSEWAY_DATABASE_URL, name: 'fsck', max: 1, log });
const findings = await fsckLedger({ pool, ledger: { origin, keys: [key] }, witnesses: [] });
// Not `close`: the query builder has not been used, and would not know of the pool.
await pool.end();
process.stdout.write(`${JSON.stringify(findings)}\n`);
process.exitCode = findings.length === 0 ? 0 : exitUnverified;
