import { Agent } from 'node:https';
import { isDigest } from '@causeway/protocol/digest';
import { verifyDirectory } from '@causeway/protocol/directory';
import { generateKey } from '@causeway/protocol/keys';
import { verifyRoot } from '@causeway/protocol/root-chain';
import { freePort } from '@causeway/sandbox/ports';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { systemClock } from '@causeway/kernel/system';
import { blind, finalize, isSubjectRef, subjectRef } from '@causeway/protocol/blind-reference';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeApplicant } from './test-kit/applicant.ts';
import { act, admit, callFederation, get, post } from './test-kit/calls.ts';
import { actPayload, signAct } from './test-kit/officers.ts';
import { type RunningAuthority, startAuthority } from './test-kit/running-authority.ts';
import { askToken, proofOf } from './test-kit/token-client.ts';

let database: TestDatabase;
let authority: RunningAuthority;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'authority' });
  authority = await startAuthority({ databaseUrl: database.url, port: await freePort() });
});

afterAll(async () => {
  await authority.stop();
  await database.drop();
});

async function directory() {
  const root: unknown = await (await fetch(`${authority.url}/root`)).json();
  const { anchor } = authority;
  if (!isDigest(anchor)) throw new Error('no anchor');
  const trusted = verifyRoot([root], anchor, systemClock.now());
  const { body } = await get(`${authority.url}/directory`);
  return verifyDirectory(String(body['head']), trusted, systemClock.now());
}

test('a member is admitted, stands in the directory, gets a token, derives references', async () => {
  const before = await directory();
  const lender = makeApplicant(authority.fed, 'abc-bank', 'lender');
  await admit(authority, lender);
  const after = await directory();
  expect(after.claims.version).toBe(before.claims.version + 1);
  expect(after.claims.entries.map(({ member }) => member)).toEqual(['abc-bank', 'authority']);

  const dpopKey = generateKey();
  const resource = `urn:causeway:${authority.fed}:authority`;
  const asked = {
    url: authority.url,
    member: 'abc-bank',
    auth: lender.auth,
    scope: 'refs.derive',
    resource,
    dpopKey,
  };
  const { status, body } = await askToken(asked);
  expect([status, body]).toMatchObject([200, { token_type: 'DPoP', expires_in: 600, scope: 'refs.derive' }]);

  const token = String(body['access_token']);
  const url = `${authority.url}/v1/subject-refs`;
  const input = new TextEncoder().encode('gb11643:990000199001010014');
  const { blinded, state } = blind(input);
  const batch = { blinded: [Buffer.from(blinded).toString('base64url')] };
  const headers = { authorization: `DPoP ${token}`, dpop: proofOf(dpopKey, 'POST', url, token) };
  const derived = await post(url, batch, headers);
  expect([derived.status, derived.body['epoch']]).toEqual([200, '1']);
  const [evaluated] = derived.body['evaluated'] as string[];
  expect(
    isSubjectRef(subjectRef('1', finalize(input, state, Buffer.from(evaluated ?? '', 'base64url')))),
  ).toBe(true);
});

test('a node gets a certificate and is known by it on the federation listener', async () => {
  const bureau = makeApplicant(authority.fed, 'central', 'bureau');
  const application = await admit(authority, bureau);
  const { body } = await get(`${authority.url}/v1/applications/${application}`);
  const credentials = {
    key: bureau.tlsKeyPem ?? '',
    cert: String(body['certificate']),
    ca: String(body['ca']),
  };
  const time = await callFederation(authority.federationPort, '/v1/time', credentials);
  expect(time.status).toBe(200);
  expect(Math.abs(Number(time.body['now_ms']) - systemClock.now())).toBeLessThan(5000);
  const batch = { blinded: [Buffer.from(blind(new Uint8Array(1)).blinded).toString('base64url')] };
  const derived = await callFederation(authority.federationPort, '/v1/subject-refs', credentials, batch);
  expect(derived.status).toBe(200);
});

test('without a certificate of the federation there is no connection at all', async () => {
  await expect(callFederation(authority.federationPort, '/v1/time', { ca: '' })).rejects.toThrow(
    /certificate/iu,
  );
});

test('S29 a node is known on each request: suspended, its open connection is refused too', async () => {
  const broker = makeApplicant(authority.fed, 'some-broker', 'broker');
  const application = await admit(authority, broker);
  const { body } = await get(`${authority.url}/v1/applications/${application}`);
  const agent = new Agent({
    key: broker.tlsKeyPem,
    cert: String(body['certificate']),
    ca: String(body['ca']),
    keepAlive: true,
    maxSockets: 1,
  });
  const call = () => callFederation(authority.federationPort, '/v1/time', { agent });
  try {
    expect((await call()).status).toBe(200);
    const { keys } = authority.officers;
    const payload = actPayload(authority.fed, { act: 'suspend', member: 'some-broker' });
    expect((await act(authority, 'some-broker', signAct(payload, keys))).status).toBe(200);
    const refused = await call();
    expect([refused.status, refused.body['code']]).toEqual([403, 'member_suspended']);
  } finally {
    agent.destroy();
  }
});
