import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listConsents } from '../consents/list.ts';
import { actOnConsent } from '../consents/stop-consent.ts';
import { actorByToken } from '../subjects/actor.ts';
import { added } from '../test-rows.ts';
import { createWorld, refOf, type World } from '../test-world.ts';
import { freeze, listFreezes, thaw } from './service.ts';

let database: TestDatabase;
let world: World;
/** Somebody new for each test. */
let person: { scheme: string; value: string };
let ref: string;
let persons = 0;
const checked = [
  ...['990000199001010025', '990000198502030011', '990000199001010041', '990000197001010018'],
  ...['990000199003070013', '99000019851224112X', '990000200002295005'],
];

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  world.nodes.reset();
  person = { scheme: 'gb11643', value: checked[persons++] ?? '' };
  ref = await refOf(person);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const terms = { fetch: 'periodic', max_uses: 9 } as const;
const redeem = async (consent: string, lender = 'abc-bank') => {
  const { jws } = world.inquiry({ subject_ref: ref, consent: consent as never }, lender);
  return await world.redemptions.redeem({ inquiry: jws }, 'broker');
};
const thawToken = async (id: string, identity = person) =>
  await actorByToken(
    world.consumer,
    await world.idToken({ identity, nonce: `thaw:${id}`, jti: Math.random() }),
    `thaw:${id}`,
  );

test('S41 S36 while frozen no consent gives a grant, and who ever held one has acknowledged', async () => {
  const one = await world.consentOf(person, { ...terms, bureaus: ['central'] });
  const other = await world.consentOf(person, { ...terms, bureaus: ['harbour'] }, 'evergreen');
  await redeem(one.digest);
  world.clock.advance(60_000);
  await redeem(other.digest, 'evergreen');
  const frozen = await freeze(world.consumer, { subjectRef: ref });
  expect(frozen).toMatchObject({ status: 'frozen', waiting: [] });
  expect(frozen.acknowledgements.map(({ node }) => node)).toEqual([
    ...['broker', 'central', 'harbour', 'other-broker'],
  ]);
  expect(world.nodes.taken('central')).toMatchObject([{ action: 'freeze', subject_refs: [ref] }]);
  expect(await redeem(one.digest)).toMatchObject({ code: 'subject_frozen' });
  expect(await redeem(other.digest, 'evergreen')).toMatchObject({ code: 'subject_frozen' });
  expect(await redeem(one.digest, 'evergreen')).toMatchObject({ code: 'not_authorised' });
});

test('one freeze stands at a time: again it is the same, and nothing is written', async () => {
  const first = await freeze(world.consumer, { subjectRef: ref });
  let again: unknown;
  const adds = await added(world, async () => (again = await freeze(world.consumer, { subjectRef: ref })));
  expect([again, adds]).toEqual([first, {}]);
  const many = await Promise.all(
    Array.from({ length: 10 }, async () => await freeze(world.consumer, { subjectRef: ref })),
  );
  expect(new Set(many.map(({ id }) => id))).toEqual(new Set([first.id]));
});

test('a consent given while frozen does not thaw, and holds once the freeze is lifted', async () => {
  const { id } = await freeze(world.consumer, { subjectRef: ref });
  const { digest } = await world.consentOf(person, terms);
  expect(await redeem(digest)).toMatchObject({ code: 'subject_frozen' });
  expect((await listFreezes(world.consumer, [ref])).items).toMatchObject([{ id, status: 'frozen' }]);
  const lifted = await thaw(world.consumer, id, await thawToken(id));
  expect(lifted).toMatchObject({ id, status: 'lifted', waiting: [] });
  expect(world.nodes.taken('broker').map(({ action }) => action)).toEqual(['freeze', 'thaw']);
  expect(await redeem(digest)).toMatchObject({ use: 1 });
});

test('lifting again brings the same receipt, and a new freeze is another one', async () => {
  const { id } = await freeze(world.consumer, { subjectRef: ref });
  const lifted = await thaw(world.consumer, id, await thawToken(id));
  expect(await thaw(world.consumer, id, await thawToken(id))).toEqual(lifted);
  const second = await freeze(world.consumer, { subjectRef: ref });
  expect(second.id).not.toBe(id);
  const { items } = await listFreezes(world.consumer, [ref]);
  expect(items.map(({ status }) => status).toSorted()).toEqual(['frozen', 'lifted']);
});

describe('refused, and nothing is written', () => {
  test('S54 somebody else’s freeze is not found', async () => {
    const { id } = await freeze(world.consumer, { subjectRef: ref });
    const stranger = { scheme: 'gb11643', value: '990000197001010018' };
    const actor = await thawToken(id, stranger);
    const adds = await added(
      world,
      async () => await expect(thaw(world.consumer, id, actor)).rejects.toMatchObject({ code: 'not_found' }),
    );
    expect(adds).toEqual({});
  });

  test('S27 an id_token lifts once, and only the freeze that it names', async () => {
    const { id } = await freeze(world.consumer, { subjectRef: ref });
    const actor = await thawToken(id);
    await thaw(world.consumer, id, actor);
    const again = await freeze(world.consumer, { subjectRef: ref });
    const adds = await added(world, async () => {
      await expect(thaw(world.consumer, id, actor)).rejects.toMatchObject({ code: 'token_invalid' });
      const token = await world.idToken({ identity: person, nonce: `thaw:${id}` });
      const other = actorByToken(world.consumer, token, `thaw:${again.id}`);
      await expect(other).rejects.toMatchObject({ code: 'token_invalid' });
    });
    expect(adds).toEqual({});
    expect((await listFreezes(world.consumer, [ref])).items).toHaveLength(2);
  });
});

test('a revocation while frozen is one stop more, and the consent stays revoked after the thaw', async () => {
  const { digest, id: consent } = await world.consentOf(person, terms);
  await redeem(digest);
  const { id } = await freeze(world.consumer, { subjectRef: ref });
  await actOnConsent(world.consumer, { action: 'revoke', id: consent }, { subjectRef: ref });
  await thaw(world.consumer, id, await thawToken(id));
  expect(world.nodes.taken('lotus').map(({ action, sequence }) => `${sequence} ${action}`)).toEqual([
    ...['1 freeze', '2 revoke', '3 thaw'],
  ]);
  expect(await redeem(digest)).toMatchObject({ code: 'consent_revoked' });
  expect((await listConsents(world.consumer, [ref], undefined)).items).toMatchObject([{ state: 'revoked' }]);
});
