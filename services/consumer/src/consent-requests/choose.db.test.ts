import { CausewayError, readUnverified, type Consent } from '@causeway/protocol';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approve } from '../consents/approve.ts';
import { ask, createWorld, persons, refOf, type World } from '../test-world.ts';
import { chooseParts } from './choose.ts';
import { listRequests, rejectRequest } from './service.ts';

let database: TestDatabase;
let world: World;
const { lina, wang } = persons;
const ref = await refOf(lina);
const terms = {
  categories: ['ACCOUNT_SUMMARY', 'REPAYMENT_HISTORY', 'SCORE'] as const,
  bureaus: ['central', 'lotus'],
};
const optional = {
  categories: ['SCORE', 'REPAYMENT_HISTORY'] as const,
  bureaus: ['lotus'],
};
const less = { categories: ['ACCOUNT_SUMMARY', 'SCORE'] as const, bureaus: ['central'] };

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

type Parts = { categories: readonly string[]; bureaus: readonly string[] };
const asked = async () =>
  await ask(world.consumer, ref, {
    ...{ categories: [...terms.categories], bureaus: terms.bureaus },
    optional: { categories: [...optional.categories], bureaus: optional.bureaus },
  });
const choose = async (id: string, { bureaus, categories }: Parts, refs = [ref]) =>
  await chooseParts(world.consumer, refs, {
    id,
    choice: { bureaus: [...bureaus], categories: [...categories] as ['SCORE'] },
  });
const rows = async () =>
  await world.consumer.db.selectFrom('consent_request').selectAll().orderBy('id').execute();

async function refused(act: () => Promise<unknown>): Promise<unknown> {
  const before = await rows();
  const told = await act().catch((error: unknown) => {
    if (!(error instanceof CausewayError)) throw error;
    return [error.code, error.pointer];
  });
  expect(await rows()).toEqual(before);
  return told;
}

describe('what the subject leaves out', () => {
  test('is not in the form, and not in the consent to it', async () => {
    const { form, form_digest, id } = await asked();
    expect(form.text).toContain('lotus');
    const narrowed = await choose(id, less);
    expect(narrowed.form_digest).not.toBe(form_digest);
    expect(narrowed.form.text).not.toContain('lotus');
    const nonce = `approve:${id}:${narrowed.form_digest}`;
    const { consent } = await approve(world.consumer, id, await world.idToken({ identity: lina, nonce }));
    const claims = readUnverified(consent).claims as Consent;
    expect(claims).toMatchObject({ ...less, form_digest: narrowed.form_digest });
    expect(claims.aud).toEqual(['abc-bank', 'central']);
  });

  test('may be taken in again, which is the form that it was', async () => {
    const { form_digest, id } = await asked();
    await choose(id, less);
    const { items } = await listRequests(world.consumer, [ref]);
    expect(items.find((one) => one.id === id)).toMatchObject({ ...less, asked: terms, optional });
    const whole = await choose(id, {
      categories: terms.categories.toReversed(),
      bureaus: terms.bureaus.toReversed(),
    });
    expect(whole.form_digest).toBe(form_digest);
  });

  test('S42 cannot be approved by who has read the form before it, nor the other way round', async () => {
    const { form_digest, id } = await asked();
    await choose(id, less);
    const nonce = `approve:${id}:${form_digest}`;
    const token = await world.idToken({ identity: lina, nonce });
    expect(await refused(async () => await approve(world.consumer, id, token))).toEqual([
      'token_invalid',
      undefined,
    ]);
  });
});

describe('a choice is refused', () => {
  test.each<[string, Parts, string]>([
    ['without what is required', { ...less, categories: ['SCORE'] }, '/categories'],
    ['without a required bureau', { ...less, bureaus: ['lotus'] }, '/bureaus'],
    [
      'with a category that was not asked for',
      { ...less, categories: [...less.categories, 'IDENTITY'] },
      '/categories',
    ],
    ['with a bureau that was not asked for', { ...less, bureaus: ['central', 'harbour'] }, '/bureaus'],
  ])('%s', async (_what, choice, pointer) => {
    const { id } = await asked();
    expect(await refused(async () => await choose(id, choice))).toEqual(['bad_request', pointer]);
  });

  test('S54 of another person, as for no request', async () => {
    const { id } = await asked();
    const theirs = await refOf(wang);
    expect(await refused(async () => await choose(id, less, [theirs]))).toEqual(['not_found', undefined]);
  });

  test('once the request is answered', async () => {
    const { id } = await asked();
    await rejectRequest(world.consumer, [ref], id);
    expect(await refused(async () => await choose(id, less))).toEqual(['conflict', undefined]);
  });

  test('where the lender calls nothing optional', async () => {
    const { id } = await ask(world.consumer, ref);
    const choice = { categories: ['ACCOUNT_SUMMARY'], bureaus: ['central', 'lotus'] };
    expect(await refused(async () => await choose(id, choice))).toEqual(['bad_request', '/categories']);
  });
});

test.each([
  ['/optional/categories', { categories: ['SCORE'] as const }],
  ['/optional/categories', { categories: ['ACCOUNT_SUMMARY', 'REPAYMENT_HISTORY'] as const }],
  ['/optional/bureaus', { bureaus: ['harbour'] }],
  ['/optional/bureaus', { bureaus: ['central', 'lotus'] }],
])('nobody is asked with %s that is all or nothing of it', async (pointer, given) => {
  const body = { optional: given as { bureaus: string[] } };
  expect(await refused(async () => await ask(world.consumer, ref, body))).toEqual(['bad_request', pointer]);
});
