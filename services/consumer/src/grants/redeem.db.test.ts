import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { sha256Digest, verify, type Digest } from '@causeway/protocol';
import type { Database } from '@causeway/service';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actOnConsent } from '../consents/stop-consent.ts';
import { added, ownerOf, refusalOnly } from '../test-rows.ts';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { redeemAll, type RedemptionResult } from './batch.ts';

let database: TestDatabase;
let world: World;
let ownerDatabase: Database<unknown>;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  ownerDatabase = ownerOf(database.ownerUrl, world);
});
afterAll(async () => {
  await ownerDatabase.close();
  await world.close();
  await database.drop();
});

const lina = await refOf(persons.lina);
const ask = async (jws: string, nodes?: string[]) =>
  await world.redemptions.redeem({ inquiry: jws, ...(nodes ? { nodes } : {}) }, 'broker');

test('a redemption gives one grant per bureau of the consent and one for the broker', async () => {
  const { digest, consent } = await world.consentOf(persons.lina);
  const inquiry = world.inquiry({ subject_ref: lina, consent: digest });
  const result = await ask(inquiry.jws);
  if (!('grants' in result)) throw new Error(result.code);
  expect(result.use).toBe(1);
  expect(result.consent).toBe(consent);
  const { keys } = world.consumer.directory();
  const grants = ['central', 'lotus', 'broker'].map((audience, at) => {
    const context = { keys, fed: 'test', nowMs: world.clock.now(), audience, received: 'first' } as const;
    return verify('grant', result.grants[at] ?? '', context).claims;
  });
  expect(grants.map(({ exp, iat }) => exp - iat)).toEqual([15, 15, 15]);
  expect(grants[0]).toMatchObject({
    ...{ presenter: 'broker', subject_ref: lina, inquiry: inquiry.digest, consent: digest, use: 1 },
    ...{
      categories: ['ACCOUNT_SUMMARY'],
      strength: 'idp',
      policy_version: 'cn-2026.4',
      directory_version: 3,
    },
  });
});

test('one use, a leaf per grant, one line of history; a renewal adds leaves only', async () => {
  const { digest } = await world.consentOf(persons.lina);
  const { jws } = world.inquiry({ subject_ref: lina, consent: digest });
  const first = await added(world, () => ask(jws));
  expect(first).toEqual({ consent_use: 1, grant_holder: 3, access: 1, leaf_staging: 3, uses: 1 });
  expect(await added(world, () => ask(jws))).toEqual({ leaf_staging: 3 });
  expect(await added(world, () => ask(jws, ['lotus']))).toEqual({ leaf_staging: 1 });
});

test('S50 with a database behind what was witnessed nothing is granted and no use is spent', async () => {
  const { digest } = await world.consentOf(persons.lina);
  const { jws } = world.inquiry({ subject_ref: lina, consent: digest });
  const replica = world.replica({ mayGrant: () => false });
  const written = await added(world, async () => {
    await expect(replica.redemptions.redeem({ inquiry: jws }, 'broker')).rejects.toMatchObject({
      code: 'not_ready',
    });
  });
  expect(written).toEqual({});
  await replica.close();
  expect(await ask(jws)).toHaveProperty('grants');
});

test('S38: 50 parallel redemptions of a one-time consent give one use', async () => {
  // Several rounds: in the first one the pool still opens its connections, which spreads the calls out.
  for (let round = 0; round < 4; round += 1) {
    const { digest } = await world.consentOf(persons.lina);
    const inquiries = Array.from({ length: 50 }, () => world.inquiry({ subject_ref: lina, consent: digest }));
    const results = await Promise.all(inquiries.map(({ jws }) => ask(jws)));
    expect(results.filter((result) => 'grants' in result)).toHaveLength(1);
    const refused = results.flatMap((result) => ('code' in result ? [result.code] : []));
    expect(refused).toEqual(Array.from({ length: 49 }, () => 'consent_used_up'));
  }
});

test('S38: a limit of n gives n, and S15: 50 copies of one inquiry spend one use between them', async () => {
  const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 3 });
  const inquiries = Array.from({ length: 6 }, () => world.inquiry({ subject_ref: lina, consent: digest }));
  const results = await Promise.all(inquiries.map(({ jws }) => ask(jws)));
  const uses = results.flatMap((result) => ('use' in result ? [result.use] : []));
  expect(new Set(uses)).toEqual(new Set([1, 2, 3]));
  expect(uses).toHaveLength(3);
  const other = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 60 });
  const { jws } = world.inquiry({ subject_ref: lina, consent: other.digest });
  const copies = await Promise.all(Array.from({ length: 50 }, () => ask(jws)));
  expect(new Set(copies.map((copy) => ('use' in copy ? copy.use : copy.code)))).toEqual(new Set([1]));
});

test('two inquiries on one consent in one batch get two uses, and a bad item fails alone', async () => {
  const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 5 });
  const items = [1, 2].map(() => ({ inquiry: world.inquiry({ subject_ref: lina, consent: digest }).jws }));
  const bad = [{ inquiry: 'x.y.z' }, { inquiry: (items[0]?.inquiry ?? '').slice(0, -2) }];
  const results = await redeemAll(world.consumer, world.redemptions, [...bad, ...items], {
    ...{ presenter: 'broker', requestId: 'r' },
  });
  expect(results.map(shape)).toEqual([
    'statement_malformed',
    expect.any(String),
    expect.any(Number),
    expect.any(Number),
  ]);
  expect(new Set(results.slice(2).map(shape))).toEqual(new Set([1, 2]));
});

const shape = (result: RedemptionResult) =>
  'use' in result ? result.use : 'code' in result ? result.code : result.error.code;

test('S35: an inquiry without a consent of its own is refused alike and adds its refusal only', async () => {
  const { digest } = await world.consentOf(persons.lina);
  const foreign = await world.consentOf(persons.wang);
  const nobody = await refOf({ scheme: 'gb11643', value: '990000197001010018' });
  const cases = [
    world.inquiry({ subject_ref: lina, consent: digest }, 'evergreen'),
    world.inquiry({ subject_ref: lina, consent: foreign.digest }),
    world.inquiry({ subject_ref: nobody, consent: digest }),
    world.inquiry({
      subject_ref: lina,
      consent: world.inquiry({ subject_ref: lina, consent: digest }).digest,
    }),
    world.inquiry({ subject_ref: lina, consent: digest, purpose: 'LIMIT_APPROVAL' }),
    world.inquiry({ subject_ref: lina, consent: digest, categories: ['ACCOUNT_DETAIL'] }),
  ];
  for (const { jws } of cases) {
    let result: Awaited<ReturnType<typeof ask>> | undefined;
    expect(await added(world, async () => (result = await ask(jws)))).toEqual(refusalOnly);
    expect(Object.keys(result ?? {})).toEqual(['refusal', 'code']);
    expect(result).toMatchObject({ code: 'not_authorised' });
  }
});

test('S35: a refusal of a stranger reads as one about an unknown subject', async () => {
  const { digest } = await world.consentOf(persons.lina);
  const nobody = await refOf({ scheme: 'gb11643', value: '990000197001010018' });
  const inquiries = [lina, nobody].map((ref) =>
    world.inquiry({ subject_ref: ref, consent: digest }, 'evergreen'),
  );
  const claims = await Promise.all(inquiries.map(async ({ jws }) => refusalOf(await ask(jws))));
  const [one, other] = claims.map(({ jti: _jti, salt: _salt, inquiry: _inquiry, ...rest }) => rest);
  expect(one).toEqual(other);
});

function refusalOf(result: Awaited<ReturnType<typeof ask>>) {
  if (!('refusal' in result)) throw new Error('granted');
  const { keys } = world.consumer.directory();
  const context = {
    keys,
    fed: 'test',
    nowMs: world.clock.now(),
    audience: 'any',
    received: 'first',
  } as const;
  return verify('refusal', result.refusal, context).claims;
}

test('a refused inquiry stays refused with the same bytes', async () => {
  const { jws } = world.inquiry({
    subject_ref: lina,
    consent: sha256Digest('no consent'),
  });
  const [first, ...rest] = await Promise.all(Array.from({ length: 10 }, () => ask(jws)));
  for (const result of rest) expect(result).toEqual(first);
  expect(await added(world, () => ask(jws))).toEqual({});
});

type State = 'active' | 'revoked' | 'paused' | 'expired' | 'used_up' | 'frozen';

test.each<[State, string | undefined]>([
  ['active', undefined],
  ['revoked', 'consent_revoked'],
  ['paused', 'consent_paused'],
  ['expired', 'consent_expired'],
  ['used_up', 'consent_used_up'],
  ['frozen', 'subject_frozen'],
])('S41: a consent that is %s gives %s to its grantee and not_authorised to others', async (state, code) => {
  const person = { scheme: 'gb11643', value: '990000199001010041' };
  const ref = await refOf(person);
  const { digest } = await world.consentOf(person, { valid_days: 1 });
  await put(ref, digest, state);
  const own = await ask(world.inquiry({ subject_ref: ref, consent: digest }).jws);
  const stranger = await ask(world.inquiry({ subject_ref: ref, consent: digest }, 'evergreen').jws);
  expect('code' in own ? own.code : undefined).toBe(code);
  expect(stranger).toMatchObject({ code: 'not_authorised' });
  await owner('DELETE FROM subject_freeze');
});

async function put(ref: string, digest: Digest, state: State): Promise<void> {
  if (state === 'expired') world.clock.advance(86_400_000);
  if (state === 'used_up') await ask(world.inquiry({ subject_ref: ref, consent: digest }).jws);
  if (state === 'revoked' || state === 'paused') {
    await owner(`UPDATE consent SET state = '${state}' WHERE digest = '${digest}'`);
  }
  if (state === 'frozen')
    await owner(`INSERT INTO subject_freeze VALUES ('${ref}', gen_random_uuid(), '{}', 1, null)`);
}

async function owner(statement: string): Promise<void> {
  await ownerDatabase.pool.query(statement);
}

test('S37: a consent revoked between acceptance and work is refused at redemption', async () => {
  const { id, digest } = await world.consentOf(persons.lina);
  const queued = world.inquiry({ subject_ref: lina, consent: digest });
  await actOnConsent(world.consumer, { action: 'revoke', id }, { subjectRef: lina });
  let result: Awaited<ReturnType<typeof ask>> | undefined;
  expect(await added(world, async () => (result = await ask(queued.jws)))).toEqual(refusalOnly);
  expect(result).toMatchObject({ code: 'consent_revoked' });
});

test('after a revocation neither bureau nor broker gets a renewed grant', async () => {
  const { id, digest } = await world.consentOf(persons.lina);
  const { jws } = world.inquiry({ subject_ref: lina, consent: digest });
  await ask(jws);
  await actOnConsent(world.consumer, { action: 'revoke', id }, { subjectRef: lina });
  expect(refusalOf(await ask(jws, ['broker']))).toMatchObject({ code: 'consent_revoked', use: 1 });
  expect(await added(world, () => ask(jws))).toEqual({});
});

test('S39: at a second before the end a grant, at the end none', async () => {
  const { digest } = await world.consentOf(persons.lina, { valid_days: 1, fetch: 'periodic', max_uses: 5 });
  world.clock.advance(86_399_000);
  expect(await ask(world.inquiry({ subject_ref: lina, consent: digest }).jws)).toHaveProperty('grants');
  world.clock.advance(1000);
  const late = await ask(world.inquiry({ subject_ref: lina, consent: digest }).jws);
  expect(late).toMatchObject({ code: 'consent_expired' });
});

test('bureaus get renewed grants for 15 min after the deadline, the broker longer', async () => {
  const { digest } = await world.consentOf(persons.lina);
  const { jws, claims } = world.inquiry({ subject_ref: lina, consent: digest });
  await ask(jws);
  world.clock.advance((60 + 899) * 1000);
  expect(await ask(jws, ['lotus', 'broker'])).toMatchObject({
    use: 1,
    grants: [expect.any(String), expect.any(String)],
  });
  world.clock.advance(1000);
  await expect(ask(jws, ['lotus'])).rejects.toMatchObject({ code: 'deadline_passed' });
  expect(await ask(jws)).toMatchObject({ use: 1, grants: [expect.any(String)] });
  world.clock.advance((claims.exp - claims.iat) * 1000);
  expect(await ask(jws, ['broker'])).toMatchObject({ use: 1, grants: [expect.any(String)] });
});

test('a first redemption after the deadline is refused; after the exp there is no decision', async () => {
  const { digest } = await world.consentOf(persons.lina);
  const { jws } = world.inquiry({ subject_ref: lina, consent: digest });
  const other = world.inquiry({ subject_ref: lina, consent: digest });
  world.clock.advance(60_000);
  expect(await ask(jws)).toMatchObject({ code: 'deadline_passed' });
  world.clock.advance(86_400_000);
  expect(
    await added(world, async () => await expect(ask(other.jws)).rejects.toMatchObject({ code: 'expired' })),
  ).toEqual({});
});

test('S9: an inquiry of another broker, another key or another statement type is not read', async () => {
  const { digest, consent } = await world.consentOf(persons.lina);
  const theirs = world.inquiry({ subject_ref: lina, consent: digest, aud: 'other-broker' });
  const own = world.inquiry({ subject_ref: lina, consent: digest });
  const cases = [
    [theirs.jws, 'audience_mismatch'],
    [consent, 'statement_type'],
    [`${own.jws.slice(0, -6)}AAAAAA`, 'signature_invalid'],
  ] as const;
  for (const [jws, code] of cases) {
    expect(await added(world, async () => await expect(ask(jws)).rejects.toMatchObject({ code }))).toEqual(
      {},
    );
  }
});

test('nodes that the consent does not name get nothing', async () => {
  const { digest } = await world.consentOf(persons.lina);
  const { jws } = world.inquiry({ subject_ref: lina, consent: digest });
  for (const node of ['harbour', 'abc-bank', 'other-broker']) {
    const act = async () => await expect(ask(jws, [node])).rejects.toMatchObject({ code: 'bad_request' });
    expect(await added(world, act)).toEqual({});
  }
});

test('a suspended bureau gets no grant; where it alone is named no use is spent', async () => {
  const { digest } = await world.consentOf(persons.lina);
  const { jws } = world.inquiry({ subject_ref: lina, consent: digest });
  const lotus = world.directory.entries.get('lotus');
  if (!lotus) throw new Error('no entry');
  world.directory.entries.set('lotus', { ...lotus, status: 'suspended' });
  const alone = async () =>
    await expect(ask(jws, ['lotus'])).rejects.toMatchObject({ code: 'member_suspended' });
  expect(await added(world, alone)).toEqual({});
  expect(await ask(jws)).toMatchObject({ use: 1, grants: { length: 2 } });
  world.directory.entries.set('lotus', lotus);
});

test('S60: the service can neither change nor remove history, uses and leaves', async () => {
  const { db } = world.consumer;
  for (const table of ['access', 'refusal', 'consent_use', 'stop', 'leaf']) {
    await expect(sql`DELETE FROM ${sql.table(table)}`.execute(db)).rejects.toThrow('permission denied');
  }
  await expect(sql`UPDATE access SET lender = 'x'`.execute(db)).rejects.toThrow('permission denied');
  await expect(sql`UPDATE consent SET lender = 'x'`.execute(db)).rejects.toThrow('permission denied');
  await expect(sql`TRUNCATE access`.execute(db)).rejects.toThrow('permission denied');
});
