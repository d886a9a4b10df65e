import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { uuidv7 } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { gb11643CheckDigit } from '@causeway/records/identifiers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listAccesses } from '../accesses/service.ts';
import { approve } from '../consents/approve.ts';
import { listConsents } from '../consents/list.ts';
import { freeze, thaw } from '../freezes/service.ts';
import { openSession, subjectOfSession } from '../sessions/service.ts';
import { actorByToken } from '../subjects/actor.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import { added } from '../test-rows.ts';
import { ask, createWorld, refOf, type World } from '../test-world.ts';
import { subjectOf } from './epochs.ts';
import { linkIdentity, listIdentities, requestLink } from './link.ts';

interface Identity {
  readonly scheme: string;
  readonly value: string;
}

let database: TestDatabase;
let world: World;
/** A person, new for each test, with a reference in the first epoch and one in the second. */
let resident: Identity;
let before: string;
let after: string;
let persons = 0;

function numberOf(n: number): string {
  const first17 = `99000019770707${String(n).padStart(3, '0')}`;
  return first17 + gb11643CheckDigit(first17);
}

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  world.nodes.reset();
  publish('1');
  persons += 1;
  resident = { scheme: 'gb11643', value: numberOf(persons) };
  [before, after] = [await refOf(resident, '1'), await refOf(resident, '2')];
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

/** The epochs of the directory, the current one first. */
const publish = (...epochs: string[]): unknown => world.epochs.splice(0, world.epochs.length, ...epochs);
const terms = { fetch: 'periodic', max_uses: 9 } as const;
const redeem = async (ref: string, consent: string) => {
  const { jws } = world.inquiry({ subject_ref: ref, consent: consent as never });
  return await world.redemptions.redeem({ inquiry: jws }, 'broker');
};
const signIn = async (identity = resident): Promise<string[]> =>
  await refsOf(world.consumer.db, await subjectOf(world.consumer, identity));

describe('a person who signs in while two epochs overlap', () => {
  test('is one subject under both references, with what they consented to and saw before', async () => {
    const consent = await world.consentOf(resident, terms);
    await redeem(before, consent.digest);
    publish('2', '1');
    const nonce = `session:${uuidv7(world.clock, world.consumer.random)}`;
    const { session } = await openSession(world.consumer, await world.idToken({ identity: resident, nonce }));
    expect(
      await subjectOfSession(world.consumer, {
        method: 'GET',
        headers: { authorization: `Bearer ${session}` },
      }),
    ).toBe(after);
    const refs = await refsOf(world.consumer.db, after);
    expect(new Set(refs)).toEqual(new Set([before, after]));
    expect((await listConsents(world.consumer, refs, undefined)).items.map(({ id }) => id)).toEqual([
      consent.id,
    ]);
    expect((await listAccesses(world.consumer, refs, undefined)).items).toHaveLength(1);
    expect(await redeem(before, consent.digest)).toHaveProperty('grants');
  });

  test('approves what was asked under either, each under the reference that it was asked for', async () => {
    publish('1', '2');
    for (const ref of [before, after]) {
      const asked = await ask(world.consumer, ref);
      const nonce = `approve:${asked.id}:${asked.form_digest}`;
      const given = await approve(
        world.consumer,
        asked.id,
        await world.idToken({ identity: resident, nonce }),
      );
      expect(await redeem(ref, given.digest)).toHaveProperty('grants');
    }
  });

  test('S16 is frozen under both, though the freeze was placed before there was a second one', async () => {
    const { digest } = await world.consentOf(resident, terms);
    await freeze(world.consumer, { subjectRef: before });
    publish('1', '2');
    const asked = await ask(world.consumer, after);
    const token = await world.idToken({
      identity: resident,
      nonce: `approve:${asked.id}:${asked.form_digest}`,
    });
    const given = await approve(world.consumer, asked.id, token);
    expect(await redeem(after, given.digest)).toMatchObject({ code: 'subject_frozen' });
    expect(await redeem(before, digest)).toMatchObject({ code: 'subject_frozen' });
  });

  test('S16 a freeze names both references, and lifting it lifts both', async () => {
    const { digest } = await world.consentOf(resident, terms);
    await redeem(before, digest);
    publish('1', '2');
    await signIn();
    const { id } = await freeze(world.consumer, { subjectRef: after });
    expect(new Set(world.nodes.taken('lotus')[0]?.subject_refs)).toEqual(new Set([before, after]));
    expect(await redeem(before, digest)).toMatchObject({ code: 'subject_frozen' });
    const token = await world.idToken({ identity: resident, nonce: `thaw:${id}` });
    await thaw(world.consumer, id, await actorByToken(world.consumer, token, `thaw:${id}`));
    expect(await redeem(before, digest)).toHaveProperty('grants');
  });

  test('stays that subject when the old epoch has gone', async () => {
    publish('1', '2');
    await signIn();
    publish('2');
    expect(new Set(await signIn())).toEqual(new Set([before, after]));
  });

  test('is joined once, however many sign-ins come at the same time', async () => {
    publish('1', '2');
    const adds = await added(world, async () => {
      await Promise.all(Array.from({ length: 8 }, () => signIn()));
    });
    expect(adds).toEqual({ subject_link: 2 });
  });

  test('has each identity once in the list, also where two were linked across the epochs', async () => {
    const passport = { scheme: 'passport', value: `UTOF${String(persons).padStart(8, '0')}` };
    const link = async (): Promise<void> => {
      const id = uuidv7(world.clock, world.consumer.random);
      const token = async (identity: Identity) => await world.idToken({ identity, nonce: `link:${id}` });
      await requestLink(world.consumer, await token(resident));
      await linkIdentity(world.consumer, (await signIn())[0] ?? '', await token(passport));
    };
    await link();
    publish('2', '1');
    const refs = await signIn();
    expect(refs).toHaveLength(3);
    expect(await signIn(passport)).toHaveLength(4);
    const { identities } = await listIdentities(world.consumer, [after]);
    expect(identities.map(({ scheme }) => scheme).toSorted()).toEqual(['gb11643', 'passport']);
  });
});

describe('S42 an overlap joins nobody else, and writes nothing it need not', () => {
  test('one epoch joins nothing', async () => {
    expect(await added(world, signIn)).toEqual({});
    expect(await signIn()).toEqual([before]);
  });

  test('two resident numbers stay two persons, in each epoch', async () => {
    publish('1', '2');
    const other = { scheme: 'gb11643', value: numberOf(persons + 500) };
    await signIn();
    await signIn(other);
    const id = uuidv7(world.clock, world.consumer.random);
    const token = async (identity: Identity) => await world.idToken({ identity, nonce: `link:${id}` });
    await requestLink(world.consumer, await token(resident));
    const theirs = await token(other);
    let code = 'accepted';
    const adds = await added(world, async () => {
      await linkIdentity(world.consumer, before, theirs).catch((error: unknown) => {
        code = error instanceof CausewayError ? error.code : 'failed';
      });
    });
    expect([code, adds]).toEqual(['conflict', {}]);
    expect(new Set(await signIn(other))).toEqual(new Set([await refOf(other, '1'), await refOf(other, '2')]));
  });

  test('where the new epoch cannot be derived nobody signs in, and nothing is joined', async () => {
    const failing = {
      ...world.consumer,
      references: {
        all: async () => {
          throw new CausewayError('unavailable');
        },
      },
    };
    const adds = await added(world, async () => {
      await expect(subjectOf(failing, resident)).rejects.toMatchObject({ code: 'unavailable' });
    });
    expect(adds).toEqual({});
  });
});
