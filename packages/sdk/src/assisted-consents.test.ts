import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Digest, sha256Digest, verify } from '@causeway/protocol';
import { consentClaims } from '@causeway/protocol/chain.fixture';
import {
  clockAt,
  context,
  entryOf,
  fed,
  federation,
  keyOf,
  now,
  randomFrom,
  signAs,
  subject,
} from '@causeway/protocol/federation.fixture';
import { afterEach, describe, expect, test } from 'vitest';
import { type AssistanceTerms, AssistedConsents } from './assisted-consents.ts';
import { type ConsentAsked, ConsentRequests } from './consent-requests.ts';

const formDigest = sha256Digest('form');
const asked: ConsentAsked = {
  ...{ id: '01a1ee56-5e00-7eb3-a481-99ce1cecb69a', formDigest, subjectRef: subject },
  parts: { categories: ['ACCOUNT_SUMMARY', 'INQUIRY'], bureaus: ['central', 'lotus'] },
};
const branch: AssistanceTerms = { channel: 'branch', officers: ['wu', 'zhao'] };
const code = '01234567';
type Change = Partial<typeof consentClaims>;
type Answers = Readonly<Record<string, { readonly status: number; readonly body: object }>>;

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** A consumer service that answers each path so, or nothing; and the client, with what was sent. */
async function client(answers: () => Answers) {
  const sent: { readonly path: string; readonly body: Record<string, string> }[] = [];
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const path = request.url ?? '';
    if (request.method === 'POST')
      sent.push({ path, body: JSON.parse(Buffer.concat(parts).toString()) as Record<string, string> });
    const { body, status } = answers()[path] ?? { status: 404, body: { code: 'not_found' } };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  server = createServer((request, response) => void reply(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wire = {
    ...{ clock: clockAt(now), random: randomFrom(44) },
    tokens: { headers: async () => ({ authorization: 'DPoP x' }) },
    directory: { sole: async () => entryOf('consumer'), publicUrl: async () => url },
  };
  const assisted = new AssistedConsents(wire, new ConsentRequests(wire));
  const signed = async (terms = branch) => await assisted.sign(asked, terms, { key: keyOf('abc-bank'), fed });
  return { assisted, sent, signed };
}

const begun = { status: 202, body: { id: asked.id, expires_at: '2026-11-26T09:00:00.000Z' } };
const verifying = async () => ({
  ...{ keys: federation.view.keys, fed, nowMs: now * 1000, lender: 'abc-bank' },
});

/** What the service answers once the right code has come: the consent that it signed, changed so. */
function given(assistance: { readonly id: string; readonly digest: Digest }, change: Change = {}): Answers {
  const consent = signAs('consumer', 'consent', {
    ...{ ...consentClaims, form_digest: formDigest, strength: 'assisted' },
    ...{ evidence_digest: assistance.digest, ...change },
  });
  return {
    [`/v1/assisted-consents/${assistance.id}/code`]: {
      status: 200,
      body: { id: consent.claims.jti, valid_from: '2026-11-29T09:00:00.000Z' },
    },
    [`/v1/consent-requests/${asked.id}`]: {
      status: 200,
      body: { status: 'approved', consent: consent.jws, alerts: [] },
    },
  };
}

describe('a consent with assistance', () => {
  test('begins with a statement of the lender that names request, form, and both officers', async () => {
    const { assisted, sent, signed } = await client(() => ({ '/v1/assisted-consents': begun }));
    const scan = sha256Digest('scan');
    const assistance = await signed({ channel: 'paper', officers: ['wu', 'zhao'], scan });
    expect(await assisted.begin(assistance)).toEqual({ expiresAt: begun.body.expires_at });
    const { claims, digest } = verify('assistance', sent[0]?.body['assistance'] ?? '', context('consumer'));
    expect(claims).toMatchObject({
      ...{ iss: 'abc-bank', request: asked.id, form_digest: formDigest, jti: assistance.id },
      ...{ channel: 'paper', officers: ['wu', 'zhao'], scan },
    });
    expect(digest).toBe(assistance.digest);
  });

  test('is sent again as the same bytes', async () => {
    const { assisted, sent, signed } = await client(() => ({ '/v1/assisted-consents': begun }));
    const assistance = await signed();
    await assisted.begin(assistance);
    await assisted.begin(assistance);
    expect(sent[0]).toEqual(sent[1]);
  });

  test('ends with the consent, verified, under the code that the person has read out', async () => {
    let answers: Answers = {};
    const { assisted, sent, signed } = await client(() => answers);
    const assistance = await signed();
    answers = given(assistance);
    const { claims } = await assisted.bring(assistance, code, verifying);
    expect(claims).toMatchObject({ strength: 'assisted', evidence_digest: assistance.digest });
    expect(sent).toEqual([{ path: `/v1/assisted-consents/${assistance.id}/code`, body: { code } }]);
  });
});

describe('is refused, and nothing is taken', () => {
  test.each<[string, AssistanceTerms]>([
    ['one officer twice', { channel: 'branch', officers: ['wu', 'wu'] }],
    ['paper without its scan', { channel: 'paper', officers: ['wu', 'zhao'] }],
    ['a call with a scan', { channel: 'call', officers: ['wu', 'zhao'], scan: sha256Digest('scan') }],
  ])('%s: before anything is sent', async (_what, terms) => {
    const { sent, signed } = await client(() => ({ '/v1/assisted-consents': begun }));
    await expect(signed(terms)).rejects.toMatchObject({ code: 'statement_malformed' });
    expect(sent).toEqual([]);
  });

  test.each(['assistance_off', 'purpose_not_permitted', 'conflict', 'rate_limited'])(
    'as the service says: %s',
    async (refusal) => {
      const body = { code: refusal, detail: 'No.' };
      const { assisted, signed } = await client(() => ({ '/v1/assisted-consents': { status: 409, body } }));
      await expect(assisted.begin(await signed())).rejects.toMatchObject({ code: refusal });
    },
  );

  test('a wrong code brings no consent, though one were there', async () => {
    let answers: Answers = {};
    const { assisted, signed } = await client(() => answers);
    const assistance = await signed();
    const path = `/v1/assisted-consents/${assistance.id}/code`;
    answers = { ...given(assistance), [path]: { status: 400, body: { code: 'bad_request', detail: 'No.' } } };
    await expect(assisted.bring(assistance, code, verifying)).rejects.toMatchObject({ code: 'bad_request' });
  });

  test.each<[string, Change]>([
    ['of another assistance', { evidence_digest: sha256Digest('another') }],
    ['of another strength', { strength: 'idp' }],
    ['on another form', { form_digest: sha256Digest('another') }],
    ['of another person', { subject_ref: `s1.1.${'B'.repeat(42)}A` }],
  ])('S12 a consent %s', async (_what, change) => {
    let answers: Answers = {};
    const { assisted, signed } = await client(() => answers);
    const assistance = await signed();
    answers = given(assistance, change);
    await expect(assisted.bring(assistance, code, verifying)).rejects.toMatchObject({
      code: 'link_mismatch',
    });
  });

  test('S12 another consent than the one that the code is said to have brought', async () => {
    let answers: Answers = {};
    const { assisted, signed } = await client(() => answers);
    const assistance = await signed();
    const path = `/v1/assisted-consents/${assistance.id}/code`;
    const other = { id: asked.id, valid_from: '2026-11-29T09:00:00.000Z' };
    answers = { ...given(assistance), [path]: { status: 200, body: other } };
    await expect(assisted.bring(assistance, code, verifying)).rejects.toMatchObject({
      code: 'link_mismatch',
    });
  });
});
