import { blind } from '@causeway/protocol/blind-reference';
import { type PrivateJwk, generateKey } from '@causeway/protocol/keys';
import { freePort } from '@causeway/sandbox/ports';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeApplicant } from '../test-kit/applicant.ts';
import { type Answer, type Credentials, admit, callFederation, get, post } from '../test-kit/calls.ts';
import { type RunningAuthority, startAuthority } from '../test-kit/running-authority.ts';
import { askToken, proofOf } from '../test-kit/token-client.ts';
import { queryOwner } from '../test-kit/written.ts';

const BUDGET = 20;
const dpopKey = generateKey();
let database: TestDatabase;
let authority: RunningAuthority;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'authority' });
  const settings = { CAUSEWAY_BLIND_BUDGET: String(BUDGET) };
  authority = await startAuthority({ databaseUrl: database.url, port: await freePort(), settings });
});

afterAll(async () => {
  await authority.stop();
  await database.drop();
});

const element = () => Buffer.from(blind(new Uint8Array([7])).blinded).toString('base64url');
const elements = (n: number) => Array.from({ length: n }, element);

async function newLender(id: string): Promise<string> {
  const made = makeApplicant(authority.fed, id, 'lender');
  await admit(authority, made);
  return await tokenOf(id, made.auth);
}

async function tokenOf(member: string, auth: PrivateJwk): Promise<string> {
  const resource = `urn:causeway:${authority.fed}:authority`;
  const { body } = await askToken({
    url: authority.url,
    member,
    auth,
    scope: 'refs.derive',
    resource,
    dpopKey,
  });
  return String(body['access_token']);
}

async function derive(token: string, body: unknown): Promise<Answer> {
  const url = `${authority.url}/v1/subject-refs`;
  return await post(url, body, {
    authorization: `DPoP ${token}`,
    dpop: proofOf(dpopKey, 'POST', url, token),
  });
}

async function newNode(id: string, role: 'bureau' | 'broker'): Promise<Credentials> {
  const made = makeApplicant(authority.fed, id, role);
  const application = await admit(authority, made);
  const { body } = await get(`${authority.url}/v1/applications/${application}`);
  return { key: made.tlsKeyPem ?? '', cert: String(body['certificate']), ca: String(body['ca']) };
}

const used = async (member: string): Promise<number> => {
  const rows = await queryOwner(
    database.ownerUrl,
    `SELECT used FROM blind_budget WHERE member = '${member}'`,
  );
  return Number(rows[0]?.['used'] ?? 0);
};

test('the same element gives the same value, for whoever asks', async () => {
  const [one, two] = [await newLender('one-bank'), await newLender('two-bank')];
  const blinded = [element()];
  const answers = [await derive(one, { blinded }), await derive(two, { blinded, epoch: '1' })];
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers[0]?.body).toEqual(answers[1]?.body);
  expect(await used('one-bank')).toBe(1);
});

test('the budget of a day is exact under fifty calls at once, and belongs to one member', async () => {
  const token = await newLender('busy-bank');
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => derive(token, { blinded: elements(1) })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(BUDGET);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(({ body }) => body['code']))).toEqual(new Set(['budget_exhausted']));
  expect(await used('busy-bank')).toBe(BUDGET);
  const other = await newLender('idle-bank');
  expect((await derive(other, { blinded: elements(1) })).status).toBe(200);
});

test('a batch beyond what is left is refused whole', async () => {
  const token = await newLender('near-bank');
  expect((await derive(token, { blinded: elements(BUDGET - 1) })).status).toBe(200);
  const refused = await derive(token, { blinded: elements(2) });
  expect([refused.status, refused.body['code']]).toEqual([429, 'budget_exhausted']);
  expect(await used('near-bank')).toBe(BUDGET - 1);
  expect((await derive(token, { blinded: elements(1) })).status).toBe(200);
});

test('what is no batch of group elements is refused and costs nothing', async () => {
  const token = await newLender('odd-bank');
  const short = Buffer.alloc(31).toString('base64url');
  const bodies = [
    {},
    { blinded: [] },
    { blinded: [short] },
    { blinded: [1] },
    { blinded: element() },
    { blinded: [element()], epoch: '2' },
    { blinded: [element()], member: 'two-bank' },
    { blinded: [`${element().slice(0, -1)}=`] },
    { blinded: [Buffer.alloc(32).toString('base64url')] },
    { blinded: [Buffer.alloc(32, 0xff).toString('base64url')] },
    { blinded: Array.from({ length: 501 }, () => 'A'.repeat(43)) },
  ];
  for (const body of bodies) {
    const { status, body: problem } = await derive(token, body);
    expect([status, problem['code']]).toEqual([400, 'bad_request']);
  }
  expect(await used('odd-bank')).toBe(0);
});

test('without a token, with a spent proof or by Bearer nothing is evaluated', async () => {
  const token = await newLender('bare-bank');
  const url = `${authority.url}/v1/subject-refs`;
  const body = { blinded: elements(1) };
  const proof = proofOf(dpopKey, 'POST', url, token);
  const good = { authorization: `DPoP ${token}`, dpop: proof };
  expect((await post(url, body)).body['code']).toBe('token_missing');
  expect((await post(url, body, { authorization: `Bearer ${token}` })).status).toBe(401);
  expect((await post(url, body, { authorization: `DPoP ${token}` })).body['code']).toBe('dpop_invalid');
  expect(await used('bare-bank')).toBe(0);
  expect((await post(url, body, good)).status).toBe(200);
  expect((await post(url, body, good)).body['code']).toBe('dpop_invalid');
  expect(await used('bare-bank')).toBe(1);
});

test('a bureau derives by its certificate; a broker, which never sees an identifier, may not', async () => {
  const [bureau, broker] = [await newNode('some-bureau', 'bureau'), await newNode('some-broker', 'broker')];
  const call = (who: Credentials) =>
    callFederation(authority.federationPort, '/v1/subject-refs', who, { blinded: elements(1) });
  expect((await call(bureau)).status).toBe(200);
  const refused = await call(broker);
  expect([refused.status, refused.body['code']]).toEqual([403, 'role_not_permitted']);
  expect(await used('some-broker')).toBe(0);
});
