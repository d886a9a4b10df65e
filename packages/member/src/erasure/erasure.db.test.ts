import { digestOf, verify } from '@causeway/protocol';
import { context, now } from '@causeway/protocol/federation.fixture';
import { createDatabase, createLog, openFor } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createWorld, Killed, killedAt, somebody, type World } from './restricted-world.fixture.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => await world.close());

const keysOfProcess = () => world.keysOfProcess();
const kept = async (ref: string) => await world.kept(ref);
const query = async (text: string, values: unknown[] = []) => await world.query(text, values);
const rowsOf = async (ref: string) => await world.rowsOf(ref);
const take: World['take'] = async (jws, taking) => await world.take(jws, taking);
const sweep = () => world.sweep();
type Claims = Partial<Parameters<World['erasure']>[0]>;

/** An erasure of subjects whom the bureau has seen restricted, and of whom it need keep nothing any more. */
async function erasure(refs: string[], claims: Claims = {}, member = 'consumer'): Promise<string> {
  const restriction = await world.restricted(refs);
  return world.erasure({ subject_refs: refs, restriction, ...claims }, member);
}

test('S56 key and rows of every reference are destroyed, and that is acknowledged with a leaf', async () => {
  const [one, other, third] = [somebody(), somebody(), somebody()];
  const [box] = [await kept(one), await kept(other), await kept(third)];
  const { life } = await keysOfProcess().of(one);
  const jws = await erasure([one, other]);
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
  const jws = await erasure([ref]);
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
  await expect(take(await erasure([ref], claims, member), { peer: member })).rejects.toMatchObject({ code });
  expect(await rowsOf(ref)).toBe(2);
  expect(openFor(await keysOfProcess().of(ref), box, 'place').toString()).toBe('what is said of them');
});

test('S56 killed between key and rows: nothing opens; the next start or statement deletes', async () => {
  const [one, other] = [somebody(), somebody()];
  for (const ref of [one, other]) {
    await kept(ref);
    const { life } = await keysOfProcess().of(ref);
    await expect(take(await erasure([ref]), { at: killedAt('keys-destroyed') })).rejects.toThrow(Killed);
    expect(await rowsOf(ref)).toBe(2);
    await expect(keysOfProcess().ofLife(life)).rejects.toMatchObject({ code: 'not_found' });
  }
  await sweep().all();
  expect([await rowsOf(one), await rowsOf(other)]).toEqual([0, 0]);
  const ref = somebody();
  await kept(ref);
  const jws = await erasure([ref]);
  await expect(take(jws, { at: killedAt('keys-destroyed') })).rejects.toThrow(Killed);
  expect(verify('ack', await take(jws), context('consumer', { received: 'forwarded' })).claims.status).toBe(
    digestOf(jws),
  );
  expect(await rowsOf(ref)).toBe(0);
});

test('S56 what has begun between key and rows is spared, and nothing from before is left', async () => {
  const ref = somebody();
  const old = await kept(ref);
  let begun: Buffer | undefined;
  const at = async (point: string) => {
    if (point === 'keys-destroyed') begun = await kept(ref);
  };
  await take(await erasure([ref]), { at });
  const key = await keysOfProcess().of(ref);
  expect(await rowsOf(ref)).toBe(2);
  expect(openFor(key, begun ?? Buffer.alloc(0), 'place').toString()).toBe('what is said of them');
  expect(() => openFor(key, old, 'place')).toThrow('internal');
});

test('S56 killed before the ack: sent again, it is acknowledged once', async () => {
  const ref = somebody();
  await kept(ref);
  const jws = await erasure([ref]);
  await expect(take(jws, { at: killedAt('rows-deleted') })).rejects.toThrow(Killed);
  expect(await take(jws)).toBe(await take(jws));
});

test('S56 what a restored backup brings back of an ended life is deleted again', async () => {
  const ref = somebody();
  await kept(ref);
  const lives = await query('SELECT * FROM subject_life');
  await take(await erasure([ref]));
  await kept(ref);
  const fresh = (await keysOfProcess().of(ref)).life;
  // The backup is from before: it knows the old life, and nothing of the new one.
  await restore(lives);
  await sweep().next();
  expect(await rowsOf(ref)).toBe(0);
  expect((await keysOfProcess().of(ref)).life).toBe(fresh);
});

async function restore(rows: Record<string, unknown>[]): Promise<void> {
  const log = createLog({ name: 't', level: 'silent' });
  const owner = createDatabase({ url: world.server.ownerUrl, name: 'owner', max: 1, log });
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
