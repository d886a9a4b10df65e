import { noFaults, systemRandom } from '@causeway/kernel';
import type { FaultPoint } from '@causeway/kernel';
import { digestOf, sha256Digest, sign, verify } from '@causeway/protocol';
import type { UnsignedClaims } from '@causeway/protocol';
import { context, directoryWith, fed, keyOf, now } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog, openFor, sealFor } from '@causeway/service';
import type { Database } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSequencer } from '../sequencer.ts';
import type { Sequencer } from '../sequencer.ts';
import { takeErasure } from './erasure-receiver.ts';
import { keysIn } from './subject-keys.fixture.ts';
import { ErasedSweep } from './sweep-erased.ts';

let server: TestDatabase;
let database: Database<unknown>;
let sequencer: Sequencer;
const log = createLog({ name: 't', level: 'silent' });
const clock = { now: () => now * 1000, monotonic: () => now * 1000 };
const sealing = new Uint8Array(32).fill(5);

beforeAll(async () => {
  server = await testDatabase({ migrations: 'bureau' });
  database = createDatabase({ url: server.url, name: 't', log });
  sequencer = startSequencer({ pool: database.pool, clock, log, faults: noFaults, periodMs: 3_600_000 });
});
afterAll(async () => {
  await sequencer.stop();
  await database.close();
  await server.drop();
});

/** A process of the bureau `central`, with its own memory. */
const keysOfProcess = () => keysIn(database, clock, sealing);
let subjects = 0;
const somebody = (): string => `s1.1.${sha256Digest(`subject ${(subjects += 1)}`).slice('sha-256:'.length)}`;

function erasure(
  refs: string[],
  claims: Partial<UnsignedClaims<'erasure'>> = {},
  member = 'consumer',
): string {
  const by = { key: keyOf(member), fed, clock, random: systemRandom };
  return sign('erasure', { aud: 'central', exp: now + 9_000_000, subject_refs: refs, ...claims }, by).jws;
}

async function take(
  jws: string,
  at?: (point: FaultPoint) => Promise<void> | void,
  peer = 'consumer',
): Promise<string> {
  const parts = { fed, key: keyOf('central'), clock, random: systemRandom, db: database.db, sequencer };
  const directory = { view: () => directoryWith().view };
  const faults = at === undefined ? noFaults : { at };
  return await takeErasure({ ...parts, directory, faults, keys: keysOfProcess() }, jws, peer);
}

const query = async (text: string, values: unknown[] = []) =>
  (await database.pool.query<Record<string, unknown>>(text, values)).rows;

/** Something sealed and something clear about them, in tables that the bureau has. */
async function kept(ref: string): Promise<Buffer> {
  const box = sealFor(await keysOfProcess().of(ref), 'what is said of them', 'place', systemRandom);
  await query('INSERT INTO roster (subject_ref, sealed) VALUES ($1, $2)', [ref, box]);
  await query("INSERT INTO subject (subject_ref, kind) VALUES ($1, 'person')", [ref]);
  return box;
}

const rowsOf = async (ref: string): Promise<number> => {
  const counts = ['roster', 'subject'].map((table) =>
    query(`SELECT 1 AS one FROM ${table} WHERE subject_ref = $1`, [ref]),
  );
  return (await Promise.all(counts)).flat().length;
};

const sweep = () => new ErasedSweep({ keys: keysOfProcess(), db: database.db, log });

class Killed extends Error {}
const killedAt =
  (wanted: FaultPoint) =>
  (point: FaultPoint): void => {
    if (point === wanted) throw new Killed(wanted);
  };

test('S56 key and rows of every reference are destroyed, and that is acknowledged with a leaf', async () => {
  const [one, other, third] = [somebody(), somebody(), somebody()];
  const [box] = [await kept(one), await kept(other), await kept(third)];
  const { life } = await keysOfProcess().of(one);
  const jws = erasure([one, other]);
  const ack = verify('ack', await take(jws), context('consumer', { received: 'forwarded' }));
  expect(ack.claims).toMatchObject({ iss: 'central', status: digestOf(jws) });
  expect([await rowsOf(one), await rowsOf(other), await rowsOf(third)]).toEqual([0, 0, 2]);
  await expect(keysOfProcess().ofLife(life)).rejects.toMatchObject({ code: 'not_found' });
  const next = await keysOfProcess().of(one);
  expect(next.life).not.toBe(life);
  expect(() => openFor(next, box, 'place')).toThrow('internal');
  const leaf = 'SELECT typ, outcome FROM leaf_staging WHERE digest = $1';
  expect(await query(leaf, [ack.digest])).toEqual([{ typ: 'ack', outcome: 'erased' }]);
});

test('S56 the same statement again brings the same ack, and spares what has begun since', async () => {
  const ref = somebody();
  await kept(ref);
  const jws = erasure([ref]);
  const first = await take(jws);
  const box = await kept(ref);
  expect(await take(jws)).toBe(first);
  expect(await rowsOf(ref)).toBe(2);
  expect(openFor(await keysOfProcess().of(ref), box, 'place').toString()).toBe('what is said of them');
});

test.each([
  ['by a member that may sign none', 'key_use', {}, 'broker'],
  ['for another node', 'audience_mismatch', { aud: 'lotus' }, 'consumer'],
  ['that has expired', 'expired', { exp: now - 100, iat: now - 200 }, 'consumer'],
])('S56 an erasure %s is refused as %s, and destroys nothing', async (_what, code, claims, member) => {
  const ref = somebody();
  const box = await kept(ref);
  await expect(take(erasure([ref], claims, member), undefined, member)).rejects.toMatchObject({ code });
  expect(await rowsOf(ref)).toBe(2);
  expect(openFor(await keysOfProcess().of(ref), box, 'place').toString()).toBe('what is said of them');
});

test('S56 killed between key and rows: nothing opens; the next start or statement deletes', async () => {
  const [one, other] = [somebody(), somebody()];
  for (const ref of [one, other]) {
    await kept(ref);
    const { life } = await keysOfProcess().of(ref);
    await expect(take(erasure([ref]), killedAt('keys-destroyed'))).rejects.toThrow(Killed);
    expect(await rowsOf(ref)).toBe(2);
    await expect(keysOfProcess().ofLife(life)).rejects.toMatchObject({ code: 'not_found' });
  }
  await sweep().all();
  expect([await rowsOf(one), await rowsOf(other)]).toEqual([0, 0]);
  const ref = somebody();
  await kept(ref);
  const jws = erasure([ref]);
  await expect(take(jws, killedAt('keys-destroyed'))).rejects.toThrow(Killed);
  expect(verify('ack', await take(jws), context('consumer', { received: 'forwarded' })).claims.status).toBe(
    digestOf(jws),
  );
  expect(await rowsOf(ref)).toBe(0);
});

test('S56 what has begun between key and rows is spared, and nothing from before is left', async () => {
  const ref = somebody();
  const old = await kept(ref);
  let begun: Buffer | undefined;
  const at = async (point: FaultPoint) => {
    if (point === 'keys-destroyed') begun = await kept(ref);
  };
  await take(erasure([ref]), at);
  const key = await keysOfProcess().of(ref);
  expect(await rowsOf(ref)).toBe(2);
  expect(openFor(key, begun ?? Buffer.alloc(0), 'place').toString()).toBe('what is said of them');
  expect(() => openFor(key, old, 'place')).toThrow('internal');
});

test('S56 killed before the ack: sent again, it is acknowledged once', async () => {
  const ref = somebody();
  await kept(ref);
  const jws = erasure([ref]);
  await expect(take(jws, killedAt('rows-deleted'))).rejects.toThrow(Killed);
  expect(await take(jws)).toBe(await take(jws));
});

test('S56 what a restored backup brings back of an ended life is deleted again', async () => {
  const ref = somebody();
  await kept(ref);
  const lives = await query('SELECT * FROM subject_life');
  await take(erasure([ref]));
  await kept(ref);
  const fresh = (await keysOfProcess().of(ref)).life;
  // The backup is from before: it knows the old life, and nothing of the new one.
  await restore(lives);
  await sweep().next();
  expect(await rowsOf(ref)).toBe(0);
  expect((await keysOfProcess().of(ref)).life).toBe(fresh);
});

async function restore(rows: Record<string, unknown>[]): Promise<void> {
  const owner = createDatabase({ url: server.ownerUrl, name: 'owner', max: 1, log });
  for (const { life, ref, subject } of rows) {
    const text = `INSERT INTO subject_life VALUES ($1, $2, $3)
      ON CONFLICT (subject) DO UPDATE SET life = excluded.life, ref = excluded.ref`;
    await owner.pool.query(text, [subject, life, ref]);
  }
  await owner.close();
}

test('S98 the key store names nobody, and the service itself can delete no rows and no marks', async () => {
  const ref = somebody();
  await kept(ref);
  const stored = await Promise.all(
    ['subject_key', 'erased_key', 'subject_life'].map((table) => query(`SELECT * FROM ${table}`)),
  );
  expect(JSON.stringify(stored)).not.toContain(ref.slice(5));
  for (const table of ['roster', 'answer', 'record', 'erased_key', 'subject_life', 'received_erasure']) {
    await expect(query(`DELETE FROM ${table}`)).rejects.toThrow('permission denied');
  }
});
