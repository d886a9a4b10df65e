import { createHash } from 'node:crypto';

import { noFaults } from '@causeway/kernel';
import type { Faults } from '@causeway/kernel';
import {
  entryOf,
  isWitnessed,
  noteSigner,
  openCheckpoint,
  verifyConsistency,
  verifyProof,
} from '@causeway/ledger';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog } from '@causeway/service';
import type { Database } from '@causeway/service';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createIntegrator } from './integrator.ts';
import { openLedgerStore } from './ledger-store.ts';
import { appendLeaves, leafDigest } from './placed-leaves.fixture.ts';
import { requireProven } from './proven-ledger.fixture.ts';

const log = createLog({ name: 'test', level: 'silent' });
const clock = { now: () => 1_780_000_000_000, monotonic: () => 0 };
const signer = noteSigner('causeway/test/broker', 'note', new Uint8Array(32).fill(7));
const known = { origin: 'causeway/test/broker', keys: [signer.key] };
const quorum = { operator: 'broker', authority: 'authority' };
let server: TestDatabase;
let database: Database<unknown>;

beforeEach(async () => {
  server = await testDatabase({ migrations: 'broker' });
  database = createDatabase({ url: server.url, name: 'test', log });
});
/** What a test tells beforehand that `fsck` will find. */
let announced: string[];
beforeEach(() => {
  announced = [];
});
afterEach(async () => {
  await requireProven(database.pool, signer, announced);
  await database.close();
  await server.drop();
});

interface Change {
  readonly pool?: Database<unknown>['pool'];
  readonly maySign?: () => boolean;
  readonly faults?: Faults;
}

const integratorOf = ({ pool = database.pool, maySign = () => true, faults = noFaults }: Change = {}) =>
  createIntegrator({ pool, signer, clock, faults, maySign });

const place = async (count: number): Promise<void> => await appendLeaves(database.pool, count);

interface CheckpointRow {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
}

async function checkpoints(): Promise<CheckpointRow[]> {
  const text = 'SELECT size, root, note FROM ledger_checkpoint ORDER BY size';
  return (await database.pool.query<CheckpointRow>(text)).rows;
}

const sha = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962 section 2.1 to the letter, and nothing of this repository. */
function foreignRoot(entries: readonly Uint8Array[]): Buffer {
  const [only] = entries;
  if (only === undefined) return sha();
  if (entries.length === 1) return sha(Uint8Array.of(0), only);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha(Uint8Array.of(1), foreignRoot(entries.slice(0, k)), foreignRoot(entries.slice(k)));
}

const entriesOf = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, at) => entryOf(leafDigest(from + at)));

describe('S46 the tree over placed leaves', () => {
  test('S46 has the root that RFC 6962 says, at every size that was signed', async () => {
    const integrator = integratorOf();
    for (const count of [1, 2, 4, 248, 1, 1, 300]) {
      await place(count);
      expect(await integrator.integrate()).toBe(count);
    }
    const signed = await checkpoints();
    expect(signed.map(({ size }) => size)).toEqual([1, 3, 7, 255, 256, 257, 557]);
    for (const { size, root, note } of signed) {
      expect(root).toEqual(foreignRoot(entriesOf(0, size)));
      expect(Buffer.from(openCheckpoint(note, known).root)).toEqual(root);
    }
  });

  test('S46 tiles, whole and in part, and bundles are those of a foreign tile log', async () => {
    await place(557);
    await integratorOf().integrate();
    const store = openLedgerStore(database.pool, quorum);
    const hashes = (from: number, to: number) =>
      Buffer.concat(entriesOf(from, to).map((entry) => sha(Uint8Array.of(0), entry)));
    const tile = async (level: number | 'entries', index: number, width: number) =>
      Buffer.from((await store.tile({ level, index, width })) ?? []);
    expect(await tile(0, 0, 256)).toEqual(hashes(0, 256));
    expect(await tile(0, 1, 3)).toEqual(hashes(256, 259));
    expect(await tile(0, 2, 45)).toEqual(hashes(512, 557));
    const roots = [foreignRoot(entriesOf(0, 256)), foreignRoot(entriesOf(256, 512))];
    expect(await tile(1, 0, 2)).toEqual(Buffer.concat(roots));
    const bundle = entriesOf(512, 557).flatMap((entry) => [Uint8Array.of(0, 32), entry]);
    expect(await tile('entries', 2, 45)).toEqual(Buffer.concat(bundle));
    const beyond = [
      [0, 2, 46],
      [0, 2, 256],
      [1, 0, 3],
      [2, 0, 1],
      ['entries', 2, 46],
    ] as const;
    for (const [level, index, width] of beyond) {
      expect(await store.tile({ level, index, width })).toBeUndefined();
    }
  });

  test('S48 any two checkpoints have a proof that one begins with the other', async () => {
    const integrator = integratorOf();
    for (const count of [1, 5, 250, 300, 30]) {
      await place(count);
      await integrator.integrate();
    }
    const store = openLedgerStore(database.pool, quorum);
    const signed = await checkpoints();
    for (const [at, older] of signed.entries()) {
      for (const newer of signed.slice(at)) {
        const proof = await store.consistency(older.size, newer.size);
        const roots = { oldRoot: older.root, newRoot: newer.root };
        verifyConsistency({ oldSize: older.size, newSize: newer.size, ...roots, proof });
      }
    }
    expect(signed).toHaveLength(5);
  });

  test('a leaf is proven under the newest checkpoint, and what is not integrated is not', async () => {
    await place(300);
    await integratorOf().integrate();
    await place(1);
    const store = openLedgerStore(database.pool, quorum);
    const trust = { ledger: known, witnesses: [], quorum };
    for (const index of [0, 255, 256, 299]) {
      const proof = (await store.proofOf(leafDigest(index))) ?? '';
      expect(proof).toContain(`\nindex ${index}\n`);
      // All holds but that nobody has cosigned.
      expect(() => verifyProof(proof, entryOf(leafDigest(index)), trust)).toThrow('quorum_missing');
    }
    expect(await store.proofOf(leafDigest(300))).toBeUndefined();
    expect(await store.proofOf(leafDigest(7777))).toBeUndefined();
  });

  test('a proof is under the newest checkpoint that counts, with its cosignatures', async () => {
    const integrator = integratorOf();
    const store = openLedgerStore(database.pool, quorum);
    for (const witnesses of [['authority', 'central'], ['authority'], ['broker', 'central']]) {
      await place(10);
      await integrator.integrate();
      const size = (await store.newest())?.size;
      for (const witness of witnesses) {
        const line = `— causeway/test/${witness}/witness AAAAAAAAAAAA\n`;
        const text = 'INSERT INTO ledger_cosignature VALUES ($1, $2, $3, 1780000000)';
        await database.pool.query(text, [size, witness, line]);
      }
    }
    const counting = await store.newestCounting();
    expect(counting?.size).toBe(10);
    expect(counting?.note.match(/^— .*witness/gmu)).toHaveLength(2);
    expect(await store.proofOf(leafDigest(3))).toContain(counting?.note ?? 'none');
    expect(await store.proofOf(leafDigest(15))).toContain('\n30\n');
  });

  test('the database counts cosignatures as isWitnessed does, whoever of four has cosigned', async () => {
    const integrator = integratorOf();
    const store = openLedgerStore(database.pool, quorum);
    const members = ['broker', 'authority', 'central', 'lotus'];
    let newest: number | undefined;
    for (let some = 2 ** members.length - 1; some >= 0; some -= 1) {
      await place(1);
      await integrator.integrate();
      const size = (await store.newest())?.size;
      const cosigners = members.filter((_, at) => (some >> at) % 2 === 1);
      const text = "INSERT INTO ledger_cosignature SELECT $1, unnest($2::text[]), 'line\n', 1780000000";
      await database.pool.query(text, [size, cosigners]);
      if (isWitnessed(cosigners, quorum)) newest = size;
      expect([cosigners, (await store.newestCounting())?.size]).toEqual([cosigners, newest]);
    }
    expect(newest).toBeGreaterThan(0);
  });
});

describe('S49 one root for each size', () => {
  test('S49 who stands still in its transaction keeps the other out, and no longer', async () => {
    const other = createDatabase({ url: server.url, name: 'other', log });
    await place(10);
    const held = await database.pool.connect();
    await held.query('BEGIN');
    await held.query('SELECT pg_advisory_xact_lock($1)', [0x6c656166]);
    expect(await integratorOf({ pool: other.pool }).integrate()).toBe(0);
    expect(await checkpoints()).toEqual([]);
    await held.query('ROLLBACK');
    held.release();
    expect(await integratorOf({ pool: other.pool }).integrate()).toBe(10);
    await other.close();
  });

  test('S49 many integrators at once, while leaves keep coming, sign one root for each size', async () => {
    const others = [1, 2, 3].map((n) => createDatabase({ url: server.url, name: `other-${n}`, log }));
    const integrators = others.map(({ pool }) => integratorOf({ pool }));
    for (let round = 0; round < 15; round += 1) {
      await place(37);
      await Promise.all(integrators.map(async (each) => await each.integrate()));
    }
    while ((await integrators[0]?.integrate()) ?? 0) continue;
    const signed = await checkpoints();
    expect(signed.at(-1)?.size).toBe(555);
    for (const { size, root } of signed) expect(root).toEqual(foreignRoot(entriesOf(0, size)));
    await Promise.all(others.map(async (each) => await each.close()));
  });

  test('S49 a signer that lost its lock while it stood still signs no second root of a size', async () => {
    await place(3);
    await integratorOf().integrate();
    const [first] = await checkpoints();
    const text = `INSERT INTO ledger_checkpoint VALUES ($1, $2, 'another', 0)`;
    const second = database.pool.query(text, [3, Buffer.alloc(32)]);
    await expect(second).rejects.toMatchObject({ code: '23505' });
    expect(await checkpoints()).toEqual([first]);
  });

  test('S49 over a ledger that is not the one that was signed nothing more is signed', async () => {
    await place(3);
    await integratorOf().integrate();
    const owner = createDatabase({ url: server.ownerUrl, name: 'owner', log });
    await owner.pool.query('UPDATE leaf SET digest = $1 WHERE idx = 1', [leafDigest(999)]);
    await owner.close();
    await place(1);
    await expect(integratorOf().integrate()).rejects.toThrow('those that were signed');
    expect((await checkpoints()).map(({ size }) => size)).toEqual([3]);
    announced = ['leaf 0-2'];
  });
});

describe('a start', () => {
  test('goes on where another process has ended', async () => {
    await place(600);
    await integratorOf().integrate();
    await place(500);
    expect(await integratorOf().integrate()).toBe(500);
    expect((await checkpoints()).at(-1)?.root).toEqual(foreignRoot(entriesOf(0, 1100)));
  });

  test('catches up with a database that has leaves and no checkpoint, in bounded rounds', async () => {
    await place(5000);
    const integrator = integratorOf();
    const rounds = [];
    for (let leaves = 1; leaves > 0; rounds.push(leaves)) leaves = await integrator.integrate();
    expect(rounds).toEqual([2048, 2048, 904, 0]);
    expect((await checkpoints()).at(-1)?.root).toEqual(foreignRoot(entriesOf(0, 5000)));
  });

  test('signs nothing before it may', async () => {
    await place(5);
    let may = false;
    const integrator = integratorOf({ maySign: () => may });
    expect(await integrator.integrate()).toBe(0);
    expect(await checkpoints()).toEqual([]);
    may = true;
    expect(await integrator.integrate()).toBe(5);
  });

  test('after a death behind the commit signs a larger tree, and the same sizes once', async () => {
    await place(5);
    const dies = integratorOf({
      faults: {
        at: () => {
          throw new Error('killed');
        },
      },
    });
    await expect(dies.integrate()).rejects.toThrow('killed');
    await place(5);
    expect(await integratorOf().integrate()).toBe(5);
    expect((await checkpoints()).map(({ size }) => size)).toEqual([5, 10]);
  });

  test('a round that finds nothing asks one statement and writes nothing', async () => {
    await place(5);
    const integrator = integratorOf();
    await integrator.integrate();
    const before = await checkpoints();
    expect(await integrator.integrate()).toBe(0);
    expect(await checkpoints()).toEqual(before);
  });
});

test.each(
  [
    ['leaf', 'idx'],
    ['ledger_tile', 'root'],
    ['ledger_checkpoint', 'root'],
    ['ledger_cosignature', 'line'],
    ['ledger_alarm', 'kind'],
    ['ledger_alarm_closed', 'reason'],
  ].flatMap(([table, column]) => [
    `UPDATE ${table} SET ${column} = ${column}`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table}`,
  ]),
)('S60 the role of the service cannot: %s', async (statement) => {
  await expect(database.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
});
