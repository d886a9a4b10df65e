import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { blindBatch, finishBatch } from '@causeway/protocol/blind-batch';
import { blind } from '@causeway/protocol/blind-reference';
import { type PrivateJwk, generateKey } from '@causeway/protocol/keys';
import { readUnverified } from '@causeway/protocol/verify';
import { systemRandom } from '@causeway/kernel/system';
import { freePort } from '@causeway/sandbox/ports';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const used = async (member: string, epoch = '1'): Promise<number> => {
  const rows = await queryOwner(
    database.ownerUrl,
    `SELECT epoch, used FROM blind_budget WHERE member = '${member}'`,
  );
  return Number(rows.find((row) => row['epoch'] === epoch)?.['used'] ?? 0);
};

/** A ceremony in the keys directory of the running authority; the directory names its epochs then. */
async function ceremony(name: string, ...args: string[]): Promise<unknown> {
  const script = join(import.meta.dirname, '../ceremony.ts');
  const all = [script, name, '--dir', authority.dir, ...args];
  const published: unknown = JSON.parse(execFileSync(process.execPath, all, { encoding: 'utf8', env: {} }));
  await expect.poll(epochs, { timeout: 15_000 }).toEqual(published);
  return published;
}

async function epochs(): Promise<unknown> {
  const { body } = await get(`${authority.url}/directory`);
  return Reflect.get(Object(readUnverified(String(body['head'])).claims), 'references');
}

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
  expect((await derive(token, { blinded: elements(BUDGET) })).status).toBe(200);
  const refused = await derive(token, { blinded: elements(3) });
  expect([refused.status, refused.body['code']]).toEqual([429, 'budget_exhausted']);
  expect(await used('near-bank')).toBe(BUDGET - 1);
  expect((await derive(token, { blinded: elements(1) })).status).toBe(200);
});

test('the canary of a batch is free, for who derives one reference and for who derives many', async () => {
  const token = await newLender('canary-bank');
  expect((await derive(token, { blinded: elements(2) })).status).toBe(200);
  expect(await used('canary-bank')).toBe(1);
  expect((await derive(token, { blinded: elements(11) })).status).toBe(200);
  expect(await used('canary-bank')).toBe(11);
  expect((await derive(token, { blinded: elements(1) })).status).toBe(200);
  expect(await used('canary-bank')).toBe(12);
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
    { blinded: Array.from({ length: 502 }, () => 'A'.repeat(43)) },
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

describe('a re-key, on the running authority', () => {
  interface Published {
    current: string;
    epochs: { epoch: string; canary: string }[];
  }
  const inputs = ['a', 'b'].map((text) => new TextEncoder().encode(text));
  /** References in an epoch by a batch whose canary must come to what the directory says. */
  async function refsIn(token: string, epoch: string | undefined): Promise<string[] | undefined> {
    const { current, epochs: all } = (await epochs()) as Published;
    const listed = all.find((each) => each.epoch === (epoch ?? current));
    const batch = blindBatch(inputs, systemRandom);
    const blinded = batch.blinded.map((each) => Buffer.from(each).toString('base64url'));
    const { body } = await derive(token, { blinded, ...(epoch === undefined ? {} : { epoch }) });
    expect(body['epoch']).toBe(listed?.epoch);
    const evaluated = (body['evaluated'] as string[]).map((text) => Buffer.from(text, 'base64url'));
    return finishBatch(inputs, batch, evaluated, listed ?? { epoch: '', canary: '' });
  }

  test('two epochs are evaluated beside each other, each under its own key and canary', async () => {
    const token = await newLender('rekey-bank');
    const first = await refsIn(token, undefined);
    expect(await ceremony('new-epoch')).toMatchObject({ current: '1', epochs: [{}, { epoch: '2' }] });
    expect(await refsIn(token, undefined)).toEqual(first);
    const second = await refsIn(token, '2');
    expect(second?.map((ref) => ref.slice(0, 5))).toEqual(['s1.2.', 's1.2.']);
    expect(second?.map((ref) => ref.slice(5))).not.toEqual(first?.map((ref) => ref.slice(5)));
    await ceremony('use-epoch', '--epoch', '2');
    const current = async () => (await derive(token, { blinded: elements(1) })).body['epoch'];
    await expect.poll(current, { timeout: 15_000 }).toBe('2');
    expect(await refsIn(token, undefined)).toEqual(second);
    expect(await refsIn(token, '1')).toEqual(first);
  });

  test('each epoch has a budget of its own, so that a re-key costs nobody its day', async () => {
    const token = await newLender('both-bank');
    for (const epoch of ['1', '2']) {
      expect((await derive(token, { blinded: elements(BUDGET + 1), epoch })).status).toBe(200);
      expect((await derive(token, { blinded: elements(1), epoch })).body['code']).toBe('budget_exhausted');
      expect(await used('both-bank', epoch)).toBe(BUDGET);
    }
  });

  test('an epoch that was dropped is evaluated no more', async () => {
    const token = await newLender('late-bank');
    await ceremony('drop-epoch', '--epoch', '1');
    const refused = async () => (await derive(token, { blinded: elements(2), epoch: '1' })).body['code'];
    await expect.poll(refused, { timeout: 15_000 }).toBe('bad_request');
    const spent = await used('late-bank');
    expect(await refused()).toBe('bad_request');
    expect(await used('late-bank')).toBe(spent);
    expect((await derive(token, { blinded: elements(2) })).status).toBe(200);
  });
});
