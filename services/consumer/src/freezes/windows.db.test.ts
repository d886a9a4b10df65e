import { readUnverified, type Grant } from '@causeway/protocol';
import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actOnConsent } from '../consents/stop-consent.ts';
import { actorByToken } from '../subjects/actor.ts';
import { added } from '../test-rows.ts';
import { createWorld, refOf, type World } from '../test-world.ts';
import { freeze, listFreezes, thaw } from './service.ts';
import { closeWindow, openingNonce, openWindow } from './windows.ts';

let database: TestDatabase;
let world: World;
/** Somebody new for each test. */
let person: { scheme: string; value: string };
let ref: string;
let persons = 0;
const terms = { fetch: 'periodic', max_uses: 9 } as const;
const hour = { lender: 'abc-bank', minutes: 60 };

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  world.nodes.reset();
  person = sandboxIdentifier(String((persons += 1)));
  ref = await refOf(person);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const redeem = async (consent: string, lender = 'abc-bank') => {
  const { jws } = world.inquiry({ subject_ref: ref, consent: consent as never }, lender);
  return await world.redemptions.redeem({ inquiry: jws }, 'broker');
};
const actor = async (nonce: string, identity = person) =>
  await actorByToken(world.consumer, await world.idToken({ identity, nonce, jti: Math.random() }), nonce);
const open = async (id: string, opening = hour, identity = person) =>
  await openWindow(world.consumer, id, opening, await actor(openingNonce(id, opening), identity));
const frozenWith = async () => {
  const [one, other] = [
    await world.consentOf(person, terms),
    await world.consentOf(person, terms, 'evergreen'),
  ];
  const { id } = await freeze(world.consumer, { subjectRef: ref });
  return { id, consent: one.id, one: one.digest, other: other.digest };
};

test('one lender is granted what it asks under its consent, and the grants say despite what', async () => {
  const { id, one, other } = await frozenWith();
  expect(await redeem(one)).toMatchObject({ code: 'subject_frozen' });
  expect(await open(id)).toMatchObject({ freeze: id, lender: 'abc-bank', status: 'open' });
  const granted = await redeem(one);
  expect(granted).toMatchObject({ use: 1 });
  const { grants } = granted as { grants: string[] };
  expect(grants).toHaveLength(3);
  for (const jws of grants) {
    expect(readUnverified(jws).claims as Grant).toMatchObject({ despite_freeze: 1 });
  }
  expect(await redeem(other, 'evergreen')).toMatchObject({ code: 'subject_frozen' });
  expect((await listFreezes(world.consumer, [ref])).items).toMatchObject([
    { id, status: 'frozen', windows: [{ lender: 'abc-bank', status: 'open' }] },
  ]);
});

test('it ends by itself, to the millisecond', async () => {
  const { id, one } = await frozenWith();
  await open(id, { lender: 'abc-bank', minutes: 5 });
  world.clock.advance(5 * 60_000 - 1);
  expect(await redeem(one)).toMatchObject({ use: 1 });
  world.clock.advance(1);
  expect(await redeem(one)).toMatchObject({ code: 'subject_frozen' });
  expect((await listFreezes(world.consumer, [ref])).items).toMatchObject([{ windows: [{ status: 'over' }] }]);
});

test('it is ended by the person at any time, and with the freeze', async () => {
  const { id, one } = await frozenWith();
  const { id: window } = await open(id);
  expect(await closeWindow(world.consumer, [ref], window)).toMatchObject({ status: 'over' });
  expect(await redeem(one)).toMatchObject({ code: 'subject_frozen' });
  await open(id);
  await thaw(world.consumer, id, await actor(`thaw:${id}`));
  await freeze(world.consumer, { subjectRef: ref });
  expect(await redeem(one)).toMatchObject({ code: 'subject_frozen' });
});

test('the list tells who has acknowledged a freeze, and what it does not stop', async () => {
  const { id } = await frozenWith();
  const { exempt_purposes: exempt, items } = await listFreezes(world.consumer, [ref]);
  expect(items[0]).toMatchObject({ id, waiting: [] });
  expect(items[0]?.acknowledgements?.map(({ node }) => node)).toContain('broker');
  expect(exempt).toContain('JUDICIAL');
  expect(exempt).not.toContain('LOAN_APPROVAL');
});

describe('refused, and nothing is opened', () => {
  test('a consent that is withdrawn stays withdrawn', async () => {
    const { consent, id, one } = await frozenWith();
    await open(id);
    await actOnConsent(world.consumer, { action: 'revoke', id: consent }, { subjectRef: ref });
    expect(await redeem(one)).toMatchObject({ code: 'consent_revoked' });
  });

  test('S54 another person’s freeze and window are not found', async () => {
    const { id, one } = await frozenWith();
    const stranger = sandboxIdentifier('4711');
    const adds = await added(world, async () => {
      await expect(open(id, hour, stranger)).rejects.toMatchObject({ code: 'not_found' });
    });
    expect(adds).toEqual({});
    expect(await redeem(one)).toMatchObject({ code: 'subject_frozen' });
    const { id: window } = await open(id);
    await expect(closeWindow(world.consumer, ['s1.1.stranger'], window)).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await redeem(one)).toMatchObject({ use: 1 });
  });

  test('S27 an id_token opens once, and only for whom and how long it names', async () => {
    const { id } = await frozenWith();
    const signedIn = await actor(openingNonce(id, hour));
    await openWindow(world.consumer, id, hour, signedIn);
    await expect(openWindow(world.consumer, id, hour, signedIn)).rejects.toMatchObject({
      code: 'token_invalid',
    });
    const token = await world.idToken({ identity: person, nonce: openingNonce(id, hour) });
    for (const other of [
      { ...hour, minutes: 61 },
      { ...hour, lender: 'evergreen' },
    ]) {
      const wrong = actorByToken(world.consumer, token, openingNonce(id, other));
      await expect(wrong).rejects.toMatchObject({ code: 'token_invalid' });
    }
  });

  test('for nobody that the directory lists as an active lender', async () => {
    const { id } = await frozenWith();
    for (const lender of ['central', 'nobody']) {
      await expect(open(id, { lender, minutes: 60 })).rejects.toMatchObject({ code: 'bad_request' });
    }
    expect((await listFreezes(world.consumer, [ref])).items).toMatchObject([{ windows: [] }]);
  });

  test('where the freeze has been lifted', async () => {
    const { id } = await frozenWith();
    await thaw(world.consumer, id, await actor(`thaw:${id}`));
    await expect(open(id)).rejects.toMatchObject({ code: 'conflict' });
  });
});
