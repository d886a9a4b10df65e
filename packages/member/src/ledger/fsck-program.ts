import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { noteKey } from '@causeway/ledger';
import { createDatabase, createLog } from '@causeway/service';

import { fsckLedger } from './fsck.ts';
import { ledgerOrigin } from './ledger-name.ts';

/**
 * The operator's look at a node's ledger: `CAUSEWAY_FED`, `CAUSEWAY_MEMBER`, `CAUSEWAY_KEYS_DIR` and
 * `CAUSEWAY_DATABASE_URL` as the service has them. Prints one JSON array of findings, and exits with 6 where
 * there is one. It writes nothing, and may run beside the service.
 */
const exitUnverified = 6;

function need(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new TypeError(`${name} is not set.`);
  return value;
}

function publicKeyIn(dir: string): Uint8Array {
  const jwk: unknown = JSON.parse(readFileSync(join(dir, 'ledger.jwk'), 'utf8'));
  const x: unknown = typeof jwk === 'object' && jwk !== null ? Reflect.get(jwk, 'x') : undefined;
  return Buffer.from(String(x), 'base64url');
}

const origin = ledgerOrigin(need('CAUSEWAY_FED'), need('CAUSEWAY_MEMBER'));
const key = noteKey(origin, 'note', publicKeyIn(need('CAUSEWAY_KEYS_DIR')));
const log = createLog({ name: 'fsck', level: 'silent' });
const { pool, close } = createDatabase({ url: need('CAUSEWAY_DATABASE_URL'), name: 'fsck', max: 1, log });
const findings = await fsckLedger({ pool, ledger: { origin, keys: [key] }, witnesses: [] });
await close();
process.stdout.write(`${JSON.stringify(findings)}\n`);
process.exitCode = findings.length === 0 ? 0 : exitUnverified;
