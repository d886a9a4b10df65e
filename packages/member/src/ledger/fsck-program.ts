import { ledgerOrigin, noteKey, witnessName } from '@causeway/ledger';
import type { Finding } from '@causeway/ledger';
import { createDatabase } from '@causeway/service/database';
import { loadSettings } from '@causeway/service/config';
import { createLog } from '@causeway/service/log';
import Type from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';

import { fsckLedger } from './fsck.ts';

/**
 * The operator's look at ledgers: `CAUSEWAY_LEDGERS` names the federation, the ledgers with their keys and
 * databases, and whose cosignatures are judged, by keys as the directory has them (`ledger_key.x`,
 * `witness_key.x`). Prints one JSON array, a member and its findings each, and exits with 6 where there is a
 * finding. It writes nothing, and may run beside the service.
 */
const exitUnverified = 6;

const exact = <P extends Type.TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
const key = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });
/** Keys that the ledger has signed with before, and the second up to which cosignatures on those count. */
const retired = Type.Array(exact({ key, until_s: Type.Integer() }));
const ledgersSchema = exact({
  fed: Type.String(),
  ledgers: Type.Array(exact({ member: Type.String(), key, retired, database: Type.String() })),
  witnesses: Type.Array(exact({ member: Type.String(), key })),
});
type Ledgers = Static<typeof ledgersSchema>;

function readLedgers(text: string): Ledgers {
  const value: unknown = JSON.parse(text);
  if (Compile(ledgersSchema).Check(value)) return value;
  throw new RangeError('CAUSEWAY_LEDGERS has another form');
}

const bytesOf = (x: string): Uint8Array => Buffer.from(x, 'base64url');
const log = createLog({ name: 'fsck', level: 'silent' });
const { fed, ledgers, witnesses } = readLedgers(
  loadSettings({ CAUSEWAY_LEDGERS: Type.String() }).CAUSEWAY_LEDGERS,
);
const known = witnesses.map(({ member, key: x }) => ({
  member,
  key: noteKey(witnessName(fed, member), 'cosignature', bytesOf(x)),
}));

async function findingsOf({ member, key: x, retired: old, database }: Ledgers['ledgers'][number]) {
  const origin = ledgerOrigin(fed, member);
  const { pool } = createDatabase({ url: database, name: 'fsck', max: 1, log });
  try {
    const keyOf = (each: string) => noteKey(origin, 'note', bytesOf(each));
    const earlier = old.map(({ key: each, until_s }) => ({ key: keyOf(each), until_s }));
    const ledger = { origin, keys: [keyOf(x)], retired: earlier };
    return await fsckLedger({ pool, ledger, witnesses: known });
  } finally {
    // Not `close`: the query builder has not been used, and would not know of the pool.
    await pool.end();
  }
}

const found: { member: string; findings: readonly Finding[] }[] = [];
for (const each of ledgers) found.push({ member: each.member, findings: await findingsOf(each) });
process.stdout.write(`${JSON.stringify(found)}\n`);
process.exitCode = found.every(({ findings }) => findings.length === 0) ? 0 : exitUnverified;
