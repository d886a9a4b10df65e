import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { CausewayError, readUnverified, verify } from '@causeway/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRequest, rejectRequest } from '../consent-requests/service.ts';
import { openSession, subjectOfSession } from '../sessions/service.ts';
import { added, refusalOnly } from '../test-rows.ts';
import { ask, createWorld, persons, refOf, type World } from '../test-world.ts';
import { approve } from './approve.ts';
import { listConsents } from './list.ts';
import { actorByToken, type Actor } from '../subjects/actor.ts';
import { actOnConsent } from './stop-consent.ts';

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const { lina, wang } = persons;
const linaRef = await refOf(lina);

const revoke = async (id: string, actor: Actor) =>
  await actOnConsent(world.consumer, { action: 'revoke', id }, actor);
const revokerByToken = async (id: string, token: string) =>
  await actorByToken(world.consumer, token, `revoke:${id}`);

/** Rows that an approval or a stop would have added. */
async function written(): Promise<string> {
  const { db } = world.consumer;
  const tables = ['consent', 'stop', 'leaf_staging', 'used_id_token', 'session'];
  const counts = tables.map(async (table) => {
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(db);
    return `${table} ${rows[0]?.n}`;
  });
  const states = await db.selectFrom('consent').select('state').orderBy('id').execute();
  const requests = await db.selectFrom('consent_request').select('status').orderBy('id').execute();
  return [...(await Promise.all(counts)), JSON.stringify([states, requests])].join();
}

/**
 * The code by which `act` is refused, and in the same breath whether it has written anything all the same.
 */
async function refusal(act: () => Promise<unknown>): Promise<string> {
  const before = await written();
  const code = await act().then(
    () => 'accepted',
    (error: unknown) => (error instanceof CausewayError ? error.code : 'failed'),
  );
  return (await written()) === before ? code : `${code}, but something was written`;
}

const approval = async (
  asked: { id: string; form_digest: string },
  claims: object = {},
  header: object = {},
) =>
  await world.idToken(
    { identity: lina, nonce: `approve:${asked.id}:${asked.form_digest}`, ...claims },
    header,
  );

test('an approval gives a signed consent of the person who signed in, with its leaf', async () => {
  const asked = await ask(world.consumer, linaRef);
  const given = await approve(world.consumer, asked.id, await approval(asked));
  const { keys } = world.consumer.directory();
  const context = {
    keys,
    fed: 'test',
    nowMs: world.clock.now(),
    audience: 'abc-bank',
    received: 'first',
  } as const;
  const { claims, digest } = verify('consent', given.consent, context);
  expect(claims).toMatchObject({
    ...{
      subject_ref: linaRef,
      grantee: 'abc-bank',
      grantor: { role: 'self' },
      strength: 'idp',
      jti: given.id,
    },
    ...{ aud: ['abc-bank', 'central', 'lotus'], form_digest: asked.form_digest, max_uses: 1 },
  });
  expect(claims.valid_until - claims.valid_from).toBe(30 * 86_400);
  const { rows } = await sql`SELECT typ FROM leaf_staging WHERE digest = ${digest}`.execute(
    world.consumer.db,
  );
  expect(rows).toEqual([{ typ: 'consent' }]);
  const seen = await readRequest(world.consumer, 'abc-bank', asked.id);
  expect(seen).toMatchObject({ status: 'approved', consent: given.consent, consent_digest: digest });
});

test('a legal representative approves for the enterprise', async () => {
  const mill = { scheme: 'gb32100', value: '91990000MA0000007X' };
  const asked = await ask(world.consumer, await refOf(mill));
  const token = await approval(asked, { role: 'legal_representative', enterprise: mill });
  const given = await approve(world.consumer, asked.id, token);
  expect(given.digest).toMatch(/^sha-256:/u);
});

test('S42 who represents an enterprise no more has nothing of it from the next sign-in on', async () => {
  const enterprise = { scheme: 'gb32100', value: '91990000MA0000007X' };
  const asked = await ask(world.consumer, await refOf(enterprise));
  const signIn = async (n: number, claims: object) => {
    const nonce = `session:${String(n).padStart(36, '0')}`;
    const { session } = await openSession(
      world.consumer,
      await world.idToken({ identity: lina, nonce, ...claims }),
    );
    return await subjectOfSession(world.consumer, {
      ...{ method: 'GET', headers: { authorization: `Bearer ${session}` } },
    });
  };
  const representing = { role: 'legal_representative', enterprise };
  expect(await signIn(901, representing)).toBe(await refOf(enterprise));
  const given = await approve(world.consumer, asked.id, await approval(asked, representing));
  expect(await signIn(902, {})).toBe(linaRef);
  const another = await ask(world.consumer, await refOf(enterprise));
  expect(await refusal(async () => approve(world.consumer, another.id, await approval(another)))).toBe(
    'not_found',
  );
  expect(await refusal(() => revoke(given.id, { subjectRef: linaRef }))).toBe('not_found');
  expect(await refusal(() => rejectRequest(world.consumer, [linaRef], another.id))).toBe('not_found');
});

test('what an enterprise allows opens nothing of who represents it', async () => {
  const enterprise = { scheme: 'gb32100', value: '91990000MA0000007X' };
  const asked = await ask(world.consumer, await refOf(enterprise));
  const token = await approval(asked, { role: 'legal_representative', enterprise });
  const { digest } = await approve(world.consumer, asked.id, token);
  const { jws } = world.inquiry({ subject_ref: linaRef, consent: digest });
  let answer: unknown;
  const rows = await added(world, async () => {
    answer = await world.redemptions.redeem({ inquiry: jws }, 'broker');
  });
  expect(rows).toEqual(refusalOnly);
  const { refusal: statement } = answer as { refusal: string };
  expect(readUnverified(statement).claims).toMatchObject({ code: 'not_authorised' });
});

test('S42: only the person asked can approve: anybody else finds nothing there', async () => {
  const asked = await ask(world.consumer, linaRef);
  expect(
    await refusal(async () => approve(world.consumer, asked.id, await approval(asked, { identity: wang }))),
  ).toBe('not_found');
  const absent = { ...asked, id: asked.id.replace(/.$/u, (last) => (last === '0' ? '1' : '0')) };
  expect(await refusal(async () => approve(world.consumer, absent.id, await approval(absent)))).toBe(
    'not_found',
  );
});

test.each<[string, object, object]>([
  ['another nonce', { nonce: 'approve:x:y' }, {}],
  ['no nonce', { nonce: undefined }, {}],
  ['another issuer', { iss: 'http://localhost:7001' }, {}],
  ['another audience', { aud: 'other' }, {}],
  ['two audiences', { aud: ['portal', 'other'] }, {}],
  ['no exp', { exp: undefined }, {}],
  ['an exp that has come', { exp: Date.UTC(2026, 10, 22, 8) / 1000 }, {}],
  ['an iat of yesterday', { iat: Date.UTC(2026, 10, 21, 8) / 1000 }, {}],
  ['no identity', { identity: undefined }, {}],
  ['an identity with more members', { identity: { ...lina, name: 'x' } }, {}],
  ['an invalid number', { identity: { ...lina, value: '990000199001010024' } }, {}],
  ['a full-width digit', { identity: { ...lina, value: '99000019900101002５' } }, {}],
  ['an enterprise without the role', { enterprise: lina }, {}],
  ['the role without an enterprise', { role: 'legal_representative' }, {}],
  ['an unknown role', { role: 'friend' }, {}],
  ['the type of an access token', {}, { typ: 'at+jwt' }],
  ['an unknown key', {}, { kid: 'other' }],
])('an id_token with %s approves nothing', async (_name, claims, header) => {
  const asked = await ask(world.consumer, linaRef);
  expect(
    await refusal(async () => approve(world.consumer, asked.id, await approval(asked, claims, header))),
  ).toBe('token_invalid');
});

test('S5: an id_token without a signature, or under a shared secret, approves nothing', async () => {
  const asked = await ask(world.consumer, linaRef);
  const [, payload] = (await approval(asked)).split('.');
  for (const alg of ['none', 'HS256']) {
    const header = Buffer.from(JSON.stringify({ alg, kid: 'idp' })).toString('base64url');
    for (const signature of ['', 'AAAA']) {
      const forged = `${header}.${payload}.${signature}`;
      expect(await refusal(async () => approve(world.consumer, asked.id, forged))).toBe('token_invalid');
    }
  }
});

test('an approval is for the form that was shown', async () => {
  const [asked, other] = [
    await ask(world.consumer, linaRef),
    await ask(world.consumer, linaRef, { valid_days: 31 }),
  ];
  const swapped = { ...asked, form_digest: other.form_digest };
  expect(await refusal(async () => approve(world.consumer, asked.id, await approval(swapped)))).toBe(
    'token_invalid',
  );
});

test('S27: 50 parallel approvals with one id_token give one consent', async () => {
  const asked = await ask(world.consumer, linaRef);
  const token = await approval(asked);
  const acts = Array.from({ length: 50 }, async () => await approve(world.consumer, asked.id, token));
  const done = await Promise.allSettled(acts);
  expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await refusal(() => approve(world.consumer, asked.id, token))).toBe('token_invalid');
});

test('a request is answered once: not approved after a rejection, an approval or its end', async () => {
  const rejected = await ask(world.consumer, linaRef);
  await rejectRequest(world.consumer, [linaRef], rejected.id);
  expect(await refusal(async () => approve(world.consumer, rejected.id, await approval(rejected)))).toBe(
    'conflict',
  );
  const approved = await ask(world.consumer, linaRef);
  await approve(world.consumer, approved.id, await approval(approved));
  expect(
    await refusal(async () => approve(world.consumer, approved.id, await approval(approved, { extra: 1 }))),
  ).toBe('conflict');
  expect(await refusal(() => rejectRequest(world.consumer, [linaRef], approved.id))).toBe('conflict');
  const old = await ask(world.consumer, linaRef);
  world.clock.advance(7 * 86_400_000);
  expect(await refusal(async () => approve(world.consumer, old.id, await approval(old)))).toBe('conflict');
  expect(await readRequest(world.consumer, 'abc-bank', old.id)).toMatchObject({ status: 'expired' });
});

test('S44: a revocation takes one call and gives a signed stop; again it gives the same', async () => {
  const { id, digest } = await world.consentOf(lina);
  const token = () => world.idToken({ identity: lina, nonce: `revoke:${id}`, jti: Math.random() });
  const first = await revoke(id, await revokerByToken(id, await token()));
  const { keys } = world.consumer.directory();
  const context = {
    keys,
    fed: 'test',
    nowMs: world.clock.now(),
    audience: 'broker',
    received: 'first',
  } as const;
  const stop = verify('status', first.receipt, context);
  expect(stop.claims).toMatchObject({ action: 'revoke', subject_refs: [linaRef], consent: digest });
  expect(first.leaf).toBe(stop.digest);
  world.clock.advance(1000);
  const again = await revoke(id, await revokerByToken(id, await token()));
  expect(again).toEqual(first);
  expect((await listConsents(world.consumer, [linaRef], undefined)).items[0]).toMatchObject({
    id,
    state: 'revoked',
  });
});

test('stops of one subject are numbered without gaps, also in parallel', async () => {
  const person = { scheme: 'gb11643', value: '990000199001010041' };
  const subjectRef = await refOf(person);
  const consents = await Promise.all([1, 2, 3, 4].map(() => world.consentOf(person)));
  await Promise.all(consents.map(({ id }) => revoke(id, { subjectRef })));
  const rows = await world.consumer.db
    .selectFrom('stop')
    .select('sequence')
    .where('subject_ref', '=', subjectRef)
    .orderBy('sequence')
    .execute();
  expect(rows.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
});

test('S54: a consent of somebody else cannot be revoked, listed or read', async () => {
  const { id } = await world.consentOf(lina);
  const wangRef = await refOf(wang);
  expect(await refusal(() => revoke(id, { subjectRef: wangRef }))).toBe('not_found');
  expect(await refusal(() => listConsents(world.consumer, [wangRef], id))).toBe('not_found');
  expect(
    await refusal(async () => {
      const token = await world.idToken({ identity: wang, nonce: `revoke:${id}` });
      return revoke(id, await revokerByToken(id, token));
    }),
  ).toBe('not_found');
  expect(
    await refusal(async () => {
      const token = await world.idToken({ identity: lina, nonce: `session:${id}` });
      return revokerByToken(id, token);
    }),
  ).toBe('token_invalid');
  const asked = await ask(world.consumer, linaRef);
  expect(await refusal(() => readRequest(world.consumer, 'evergreen', asked.id))).toBe('not_found');
  expect(await refusal(() => rejectRequest(world.consumer, [wangRef], asked.id))).toBe('not_found');
});

test('a request for an unknown subject is answered as one for a known subject', async () => {
  const known = await ask(world.consumer, linaRef);
  const unknown = await ask(world.consumer, await refOf({ ...lina, value: '990000197001010018' }));
  expect({ ...unknown, id: known.id }).toEqual(known);
});

test('nobody is shown a request that could never be answered', async () => {
  const terms = [
    [{ bureaus: ['nowhere'] }, 'bad_request'],
    [{ bureaus: ['abc-bank'] }, 'bad_request'],
    [{ max_uses: 2 }, 'bad_request'],
    [{ valid_days: 3000 }, 'bad_request'],
    [{ product: { name: 'Car loan', amount: '1.00' } }, 'bad_request'],
    [{ product: { name: 'Car loan', currency: 'CNY' } }, 'bad_request'],
    [{ product: { name: 'Car loan\nI allow everybody everything.' } }, 'bad_request'],
    [{ product: { name: ' ' } }, 'bad_request'],
    [{ purposes: ['EMPLOYMENT' as const] }, 'purpose_not_permitted'],
    [{ purposes: ['HOUSING_FUND' as const] }, 'category_not_permitted'],
  ] as const;
  for (const [change, code] of terms) {
    expect(
      await refusal(() => ask(world.consumer, linaRef, { ...change } as Parameters<typeof ask>[2])),
    ).toBe(code);
  }
  expect(await refusal(() => ask(world.consumer, linaRef, {}, 'central'))).toBe('role_not_permitted');
});

test('S98: neither numbers nor statements lie in the tables in clear', async () => {
  await world.consentOf(lina);
  const dump: string[] = [];
  for (const table of [
    'consent',
    'consent_request',
    'subject_ref_cache',
    'used_id_token',
    'leaf_staging',
    'stop',
  ]) {
    const { rows } = await sql`SELECT t::text AS line FROM ${sql.table(table)} t`.execute(world.consumer.db);
    dump.push(JSON.stringify(rows));
  }
  const hex = Buffer.from(lina.value).toString('hex');
  expect(dump.join()).not.toContain(lina.value);
  expect(dump.join()).not.toContain(hex);
});
