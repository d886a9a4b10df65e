import { noFaults, systemClock } from '@causeway/kernel';
import { cosign, entryOf, formatSignatures, noteSigner, parseNote, verifyProof } from '@causeway/ledger';
import type { ProofTrust } from '@causeway/ledger';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog } from '@causeway/service';
import type { Database } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createIntegrator } from './integrator.ts';
import { openLedgerStore } from './ledger-store.ts';
import type { LedgerStore } from './ledger-store.ts';
import { appendLeaves, leafDigest } from './placed-leaves.fixture.ts';
import { requireProven } from './proven-ledger.fixture.ts';

const origin = 'causeway/test/consumer';
const signer = noteSigner(origin, 'note', new Uint8Array(32).fill(7));
const witnesses = ['authority', 'broker'].map((member, at) => ({
  member,
  signer: noteSigner(`causeway/test/${member}/witness`, 'cosignature', new Uint8Array(32).fill(20 + at)),
}));
const trust: ProofTrust = {
  ledger: { origin, keys: [signer.key] },
  witnesses: witnesses.map(({ member, signer: { key } }) => ({ member, key })),
  quorum: { operator: 'consumer', authority: 'authority' },
};
let server: TestDatabase;
let database: Database<unknown>;
let store: LedgerStore;
let statements = 0;

beforeAll(async () => {
  server = await testDatabase({ migrations: 'consumer' });
  database = createDatabase({
    url: server.url,
    name: 'test',
    log: createLog({ name: 'test', level: 'silent' }),
  });
  const { pool } = database;
  const counted = Object.assign(Object.create(pool) as typeof pool, {
    query: (...given: Parameters<typeof pool.query>) => {
      statements += 1;
      return pool.query(...given);
    },
  });
  store = openLedgerStore(counted, trust.quorum);
  const options = { pool, signer, clock: systemClock, faults: noFaults, maySign: () => true };
  const integrator = createIntegrator(options);
  await appendLeaves(pool, 300);
  await integrator.integrate();
  await cosignNewest();
  await appendLeaves(pool, 20);
  await integrator.integrate();
  await appendLeaves(pool, 5);
});
afterAll(async () => {
  await requireProven(database.pool, signer, [], trust.witnesses);
  await database.close();
  await server.drop();
});

const insertCosignature =
  'INSERT INTO ledger_cosignature (size, witness, line, cosigned_at) VALUES ($1, $2, $3, $4)';

async function cosignNewest(): Promise<void> {
  const newest = await store.newest();
  const { text } = parseNote(newest?.note ?? '');
  for (const { member, signer: witness } of witnesses) {
    const line = formatSignatures([cosign(text, witness, 1_790_000_000)]);
    await database.pool.query(insertCosignature, [newest?.size, member, line, 1_790_000_000]);
  }
}

test('S53 each of a page has its own proof, and that of another proves nothing of it', async () => {
  const page = [0, 17, 255, 256, 299].map(leafDigest);
  const proofs = await store.proofsOf(page);
  expect([...proofs.keys()].toSorted()).toEqual(page.toSorted());
  for (const [digest, proof] of proofs) {
    expect(verifyProof(proof, entryOf(digest), trust).size).toBe(300);
    expect(proof).toBe(await store.proofOf(digest));
    for (const other of page.filter((each) => each !== digest)) {
      expect(() => verifyProof(proof, entryOf(other), trust)).toThrow('proof_invalid');
    }
  }
});

test('what no witness has seen yet is proven under the newest signed checkpoint, which says so', async () => {
  const proofs = await store.proofsOf([leafDigest(3), leafDigest(310)]);
  const [seen = '', young = ''] = [proofs.get(leafDigest(3)), proofs.get(leafDigest(310))];
  expect(verifyProof(seen, entryOf(leafDigest(3)), trust).size).toBe(300);
  expect(young).toContain(`${origin}\n320\n`);
  expect(() => verifyProof(young, entryOf(leafDigest(310)), trust)).toThrow('quorum_missing');
});

test('what no checkpoint covers, and what is in no ledger, has none', async () => {
  const proofs = await store.proofsOf([leafDigest(1), leafDigest(322), leafDigest(9999)]);
  expect([...proofs.keys()]).toEqual([leafDigest(1)]);
  expect((await store.proofsOf([])).size).toBe(0);
});

test('a page asks the database no more often than one line', async () => {
  const asked = async (digests: string[]): Promise<number> => {
    const before = statements;
    await store.proofsOf(digests);
    return statements - before;
  };
  const one = await asked([leafDigest(5)]);
  expect(await asked(Array.from({ length: 50 }, (_, at) => leafDigest(at * 5)))).toBe(one);
});

test('S53 evidence has the first checkpoint that counts, of whatever time it is asked for', async () => {
  const first = await store.firstProofOf(leafDigest(3));
  expect(await store.firstProofOf(leafDigest(310))).toBeUndefined();
  await cosignNewest();
  expect(verifyProof((await store.proofOf(leafDigest(3))) ?? '', entryOf(leafDigest(3)), trust).size).toBe(
    320,
  );
  expect(await store.firstProofOf(leafDigest(3))).toBe(first);
  expect(verifyProof(first ?? '', entryOf(leafDigest(3)), trust).size).toBe(300);
  const young = (await store.firstProofOf(leafDigest(310))) ?? '';
  expect(verifyProof(young, entryOf(leafDigest(310)), trust).size).toBe(320);
  for (const absent of [322, 9999]) expect(await store.firstProofOf(leafDigest(absent))).toBeUndefined();
});
