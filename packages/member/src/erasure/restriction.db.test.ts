import { CausewayError, digestOf, sha256Digest, verify } from '@causeway/protocol';
import { context } from '@causeway/protocol/federation.fixture';
import { openFor } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createWorld, Killed, killedAt, somebody, type World } from './restricted-world.fixture.ts';

const dayMs = 86_400_000;
let world: World;
let ref: string;
let box: Buffer;

beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  world.rules.keptMs = 10 * dayMs;
  ref = somebody();
  box = await world.kept(ref);
});
afterAll(async () => await world.close());

const erasure = (restriction: string, refs = [ref]): string =>
  world.erasure({ subject_refs: refs, restriction: restriction as never });
const tables = [
  ...['roster', 'subject', 'subject_status', 'received_status', 'received_erasure', 'subject_life'],
  ...['subject_key', 'erased_key', 'leaf', 'leaf_staging', 'once_key'],
];
const everything = async () =>
  await Promise.all(tables.map((table) => world.query(`SELECT * FROM ${table} ORDER BY 1, 2`)));

/** The code of the refusal, which writes nothing and destroys nothing; the alarm says it, and of nobody. */
async function refused(jws: string): Promise<unknown> {
  const before = await everything();
  const heard = world.lines().length;
  const error: unknown = await world.take(jws).then(
    () => undefined,
    (why: unknown) => why,
  );
  const code = error instanceof CausewayError ? error.code : undefined;
  expect(await everything()).toEqual(before);
  expect(openFor(await world.keysOfProcess().of(ref), box, 'place').toString()).toBe('what is said of them');
  const told = world.lines().slice(heard).trim().split('\n');
  expect(told.map((line) => JSON.parse(line) as object)).toMatchObject([
    { event: 'erasure_refused', alarm: true, code },
  ]);
  expect(told.join()).not.toContain(ref.slice(5));
  return code;
}

/** What is left of them once it has been acknowledged. */
async function erased(jws: string): Promise<number> {
  const ack = verify('ack', await world.take(jws), context('consumer', { received: 'forwarded' }));
  expect(ack.claims.status).toBe(digestOf(jws));
  const left = await world.rowsOf(ref);
  const key = await world.keysOfProcess().of(ref);
  expect(() => openFor(key, box, 'place')).toThrow('internal');
  return left;
}

describe('when the time is over', () => {
  test('S56 not before the time of this node, by its own clock, and then at once', async () => {
    const jws = erasure(await world.restricted([ref]));
    expect(await refused(jws)).toBe('retention_not_over');
    world.clock.wallMs += 10 * dayMs - 1;
    expect(await refused(jws)).toBe('retention_not_over');
    world.clock.wallMs += 1;
    expect(await erased(jws)).toBe(0);
  });

  test('S56 a node that holds nothing need wait for nothing', async () => {
    const other = somebody();
    const jws = erasure(await world.restricted([other]), [other]);
    const ack = verify('ack', await world.take(jws), context('consumer', { received: 'forwarded' }));
    expect(ack.claims).toMatchObject({ iss: 'central', status: digestOf(jws) });
  });

  test('S56 the longest time of any reference counts', async () => {
    const other = somebody();
    await world.restricted([ref]);
    world.clock.wallMs += 9 * dayMs;
    await world.kept(other);
    const both = await world.restricted([ref, other]);
    world.clock.wallMs += dayMs;
    expect(await refused(erasure(both, [ref, other]))).toBe('retention_not_over');
    world.clock.wallMs += 9 * dayMs;
    expect(await erased(erasure(both, [ref, other]))).toBe(0);
  });

  test('S56 a restriction that follows another without a gap counts from the first', async () => {
    await world.restricted([ref]);
    world.clock.wallMs += 10 * dayMs;
    expect(await erased(erasure(await world.restricted([ref])))).toBe(0);
  });

  test('S56 what thaws nothing here ends nothing: late thaws, and those of a consent', async () => {
    const consent = sha256Digest('a consent');
    const restriction = await world.restricted([ref], { sequence: 900 });
    await world.told([ref], { action: 'thaw', sequence: 899 });
    await world.told([ref], { action: 'resume', consent, sequence: 901 });
    world.clock.wallMs += 10 * dayMs;
    expect(await erased(erasure(restriction))).toBe(0);
  });
});

describe('S56 however long ago, an erasure is refused', () => {
  const years = 10 * dayMs;

  test('of whom this node was never told', async () => {
    expect(await refused(erasure(sha256Digest('never told')))).toBe('not_restricted');
  });

  test('of whom it knows a freeze that does not restrict', async () => {
    const freeze = await world.told([ref]);
    world.clock.wallMs += years;
    expect(await refused(erasure(freeze))).toBe('not_restricted');
  });

  test('that names the restriction of somebody else, or names them beside it', async () => {
    const other = somebody();
    await world.restricted([ref]);
    const theirs = await world.restricted([other]);
    world.clock.wallMs += years;
    expect(await refused(erasure(theirs))).toBe('not_restricted');
    expect(await refused(erasure(theirs, [other, ref]))).toBe('not_restricted');
  });

  test('that names an older version of what stands', async () => {
    const first = await world.restricted([ref]);
    await world.restricted([ref]);
    world.clock.wallMs += years;
    expect(await refused(erasure(first))).toBe('not_restricted');
  });

  test('whose restriction was recorded and never acknowledged', async () => {
    let restriction = '';
    const dying = world.told([ref], { restricts: true, sequence: 700 }, killedAt('status-applied'));
    await expect(dying).rejects.toThrow(Killed);
    const [row] = await world.query('SELECT digest FROM received_status WHERE subject_ref = $1', [ref]);
    restriction = String(row?.['digest']);
    world.clock.wallMs += years;
    expect(await refused(erasure(restriction))).toBe('not_restricted');
  });

  test('after a thaw, and after a freeze that restricts no more', async () => {
    for (const action of ['thaw', 'freeze'] as const) {
      const restriction = await world.restricted([ref]);
      world.clock.wallMs += years;
      const lifted = await world.told([ref], { action });
      expect(await refused(erasure(restriction))).toBe('not_restricted');
      expect(await refused(erasure(lifted))).toBe('not_restricted');
    }
  });

  test('after it was lifted and placed again, until the time is over anew', async () => {
    const before = await world.restricted([ref]);
    world.clock.wallMs += 9 * dayMs;
    await world.told([ref], { action: 'thaw' });
    const again = await world.restricted([ref]);
    world.clock.wallMs += 9 * dayMs;
    expect(await refused(erasure(before))).toBe('not_restricted');
    expect(await refused(erasure(again))).toBe('retention_not_over');
    world.clock.wallMs += dayMs;
    expect(await erased(erasure(again))).toBe(0);
  });

  test('that comes with another number for somebody who was erased and has begun anew', async () => {
    const restriction = await world.restricted([ref]);
    world.clock.wallMs += years;
    expect(await erased(erasure(restriction))).toBe(0);
    box = await world.kept(ref);
    expect(await refused(erasure(restriction))).toBe('not_restricted');
  });
});

describe('one that was obeyed and broke off', () => {
  test('S56 goes on though its restriction has gone with the rows, and only for whom it named', async () => {
    const jws = erasure(await world.restricted([ref]));
    world.clock.wallMs += 10 * dayMs;
    await expect(world.take(jws, { at: killedAt('keys-destroyed') })).rejects.toThrow(Killed);
    await world.sweep().all();
    expect(await world.query('SELECT FROM subject_status WHERE subject_ref = $1', [ref])).toEqual([]);
    expect(await erased(jws)).toBe(0);
  });

  test('S56 between the keys of two references: the second goes with the next attempt', async () => {
    const other = somebody();
    await world.kept(other);
    const refs = [ref, other];
    const jws = erasure(await world.restricted(refs), refs);
    world.clock.wallMs += 10 * dayMs;
    const keys = world.keysOfProcess();
    const dying = Object.assign(Object.create(keys) as typeof keys, {
      begun: async (digest: string) => await keys.begun(digest),
      handleOf: (of: string) => keys.handleOf(of),
      destroy: async (of: string, by: { erasure: string; n: number }) => {
        if (by.n === 1) throw new Killed('between the keys');
        await keys.destroy(of, by);
      },
    });
    await expect(world.take(jws, { keys: dying })).rejects.toThrow(Killed);
    await world.sweep().all();
    expect([await world.rowsOf(ref), await world.rowsOf(other)]).toEqual([0, 2]);
    expect(await erased(jws)).toBe(0);
    expect(await world.rowsOf(other)).toBe(0);
  });

  test('S7 S56 many copies at once are one erasure with one ack', async () => {
    const jws = erasure(await world.restricted([ref]));
    world.clock.wallMs += 10 * dayMs;
    const acks = await Promise.all(Array.from({ length: 6 }, async () => await world.take(jws)));
    expect(new Set(acks).size).toBe(1);
    const marks = 'SELECT n FROM erased_key WHERE erasure = $1';
    expect(await world.query(marks, [digestOf(jws)])).toEqual([{ n: 0 }]);
  });
});
