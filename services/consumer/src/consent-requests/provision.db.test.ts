import { type CausewayError, readUnverified, type Consent } from '@causeway/protocol';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approve } from '../consents/approve.ts';
import { listConsents } from '../consents/list.ts';
import { actOnConsent } from '../consents/stop-consent.ts';
import { listReceipts } from '../receipts/service.ts';
import { added, refusalOnly } from '../test-rows.ts';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { chooseParts } from './choose.ts';
import { requestProvision } from './provision.ts';
import type { ProvisionRequestBody } from './schema.ts';
import { listRequests, readRequest } from './service.ts';

let database: TestDatabase;
let world: World;
const { lina } = persons;
const ref = await refOf(lina);
let keys = 0;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const terms = {
  ...{ subject_ref: ref, bureaus: ['central', 'lotus'], contract: 'Loan 2026-117', valid_days: 300 },
  ...{ categories: ['ACCOUNT_DETAIL' as const, 'REPAYMENT_HISTORY' as const], language: 'en' as const },
};
type Asked = { id: string; form: { text: string }; form_digest: string };
const ask = async (
  change: Partial<ProvisionRequestBody> = {},
  lender = 'abc-bank',
  key = `p-${(keys += 1)}`,
) => (await requestProvision(world.consumer, { lender, key }, { ...terms, ...change })) as Asked;
const given = async (change: Partial<ProvisionRequestBody> = {}) => {
  const asked = await ask(change);
  const nonce = `approve:${asked.id}:${asked.form_digest}`;
  return {
    asked,
    ...(await approve(world.consumer, asked.id, await world.idToken({ identity: lina, nonce }))),
  };
};
const listed = async (id: string) =>
  (await listConsents(world.consumer, [ref], undefined)).items.find((one) => one.id === id);

describe('a consent to provide', () => {
  test('is asked for in words of its own, and says so in both languages', async () => {
    const { form, id } = await ask();
    expect(form.text).toContain('Consent to providing credit information');
    expect(form.text).toContain('Loan 2026-117');
    expect(form.text).toContain('lets nobody look');
    expect((await ask({ language: 'zh-CN' })).form.text).toContain('信用信息提供授权书');
    const { items } = await listRequests(world.consumer, [ref]);
    expect(items.find((one) => one.id === id)).toMatchObject({
      ...{ kind: 'provide', contract: 'Loan 2026-117', purposes: [], lender: 'abc-bank' },
    });
  });

  test('is signed without purposes, fetched by its lender, listed and told apart', async () => {
    const { asked, consent, id } = await given();
    expect(readUnverified(consent).claims as Consent).toMatchObject({
      ...{ kind: 'provide', grantee: 'abc-bank', purposes: [], bureaus: ['central', 'lotus'] },
      ...{ subject_ref: ref, grantor: { role: 'self' }, categories: terms.categories },
    });
    expect(await readRequest(world.consumer, 'abc-bank', asked.id)).toMatchObject({ consent });
    expect(await listed(id)).toMatchObject({ kind: 'provide', state: 'active', uses: 0 });
    const query = await world.consentOf(lina);
    expect(await listed(query.id)).toMatchObject({ kind: 'query' });
    const { items } = await listReceipts(world.consumer, [ref], undefined);
    expect(items.find(({ consent: of }) => of === id)).toMatchObject({ change: 'given', kind: 'provide' });
    expect(items.find(({ consent: of }) => of === query.id)).not.toHaveProperty('kind');
  });

  test('is withdrawn as any other, and the bureaus named hear of it', async () => {
    world.nodes.reset();
    const { digest, id } = await given();
    for (const action of ['pause', 'resume', 'revoke'] as const)
      await actOnConsent(world.consumer, { action, id }, { subjectRef: ref });
    for (const bureau of ['central', 'lotus']) {
      const taken = world.nodes.taken(bureau).map(({ action, consent }) => [action, consent]);
      expect(taken).toEqual([
        ['pause', digest],
        ['resume', digest],
        ['revoke', digest],
      ]);
    }
    expect(await listed(id)).toMatchObject({ state: 'revoked' });
  });

  test('is narrowed by what the lender calls optional', async () => {
    const { id, form_digest } = await ask({ optional: { bureaus: ['lotus'] } });
    const choice = { categories: terms.categories, bureaus: ['central'] };
    const chosen = await chooseParts(world.consumer, [ref], { id, choice });
    expect(chosen.form.text).toContain('Consent to providing');
    expect(chosen.form.text).not.toContain('lotus');
    expect(chosen.form_digest).not.toBe(form_digest);
  });

  test('serves for no query, whatever it is cited for', async () => {
    const { digest } = await given();
    for (const purpose of ['LOAN_APPROVAL', 'POST_LOAN'] as const) {
      const { jws } = world.inquiry({
        subject_ref: ref,
        consent: digest,
        purpose,
        categories: ['ACCOUNT_DETAIL'],
      });
      let answer: unknown;
      const rows = await added(world, async () => {
        answer = await world.redemptions.redeem({ inquiry: jws }, 'broker');
      });
      expect(rows).toEqual(refusalOnly);
      expect(readUnverified((answer as { refusal: string }).refusal).claims).toMatchObject({
        code: 'not_authorised',
      });
    }
  });
});

describe('refused, and nothing is written', () => {
  const rows = async () => await world.consumer.db.selectFrom('consent_request').select('id').execute();
  test.each<[string, Partial<ProvisionRequestBody>, string, string]>([
    [
      'a score, which is no lender’s to give',
      { categories: ['SCORE'] },
      'abc-bank',
      'category_not_permitted',
    ],
    ['looks', { categories: ['ACCOUNT_DETAIL', 'INQUIRY'] }, 'abc-bank', 'category_not_permitted'],
    ['a contract of two lines', { contract: 'Loan\nPurposes: all' }, 'abc-bank', 'bad_request'],
    ['a bureau that is none', { bureaus: ['evergreen'] }, 'abc-bank', 'bad_request'],
    ['all of it optional', { optional: { bureaus: ['central', 'lotus'] } }, 'abc-bank', 'bad_request'],
    ['a consent without end', { valid_days: 36_500 }, 'abc-bank', 'bad_request'],
    ['by who is no lender', {}, 'central', 'role_not_permitted'],
  ])('to give %s', async (_what, change, lender, code) => {
    const before = await rows();
    const told = await ask(change, lender).catch((error: unknown) => (error as CausewayError).code);
    expect(told).toBe(code);
    expect(await rows()).toEqual(before);
  });

  test('and the same key with another body', async () => {
    const first = await ask({}, 'abc-bank', 'same');
    expect(await ask({}, 'abc-bank', 'same')).toEqual(first);
    const told = await ask({ contract: 'Another' }, 'abc-bank', 'same').catch(
      (error: unknown) => (error as CausewayError).code,
    );
    expect(told).toBe('idempotency_mismatch');
  });
});
