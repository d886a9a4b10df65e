import { formatWitnessRequest } from '@causeway/ledger';
import { generateKey } from '@causeway/protocol';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase } from '@causeway/service';
import type { App, Database } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { callsTo, ledgerDirectory, log, post, TestLedger, witnessApp } from './ledgers.fixture.ts';
import type { LedgerDirectory } from './known-ledgers.ts';
import { askSeen } from './witness-calls.ts';

const origin = 'causeway/test-fed/central';
const before = ledgerDirectory();
const jwk = before.member('central')?.ledger_key ?? generateKey();
const { kty, crv, x } = generateKey();
/** The same directory after two officers have replaced the key of central's ledger. */
const after = ledgerDirectory({
  central: { ledger_key: { kty, crv, x }, retired_ledger_keys: [{ jwk, retired_at: 1_795_000_000 }] },
});

let server: TestDatabase;
let database: Database<unknown>;
beforeAll(async () => {
  server = await testDatabase({ migrations: 'broker' });
  database = createDatabase({ url: server.url, name: 't', log });
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

const witness = async (view: LedgerDirectory): Promise<App> =>
  await witnessApp(database.pool, 'broker', { peer: 'central', view });

test('S50 what a witness saw under the key of before still tells a ledger what it had', async () => {
  const ledger = new TestLedger('central').grow(3);
  expect((await post(await witness(before), formatWitnessRequest(0, [], ledger.note()))).status).toBe(200);
  const calls = callsTo(new Map([['broker', await witness(after)]]));
  expect(await askSeen(calls, { view: after, member: 'broker', origin })).toMatchObject({ size: 3 });
  const forgotten = ledgerDirectory({ central: { ledger_key: { kty, crv, x } } });
  expect(await askSeen(calls, { view: forgotten, member: 'broker', origin })).toBeUndefined();
});

test('S52 with the key of before nothing more is cosigned', async () => {
  const ledger = new TestLedger('central').grow(5);
  const request = formatWitnessRequest(3, ledger.proofOf(3, 5), ledger.note());
  expect((await post(await witness(after), request)).status).toBe(403);
  const calls = callsTo(new Map([['broker', await witness(after)]]));
  expect(await askSeen(calls, { view: after, member: 'broker', origin })).toMatchObject({ size: 3 });
});
