import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PrivateJwk, generateKey, readUnverified } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { revocationNonce, sessionNonce } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { request } from './answers.ts';
import { byKey, freshId, jose, now, proofOf, tokenOf } from './forged-tokens.ts';
import { type TokenResource, delivers, goodProof, openResource, refusalAt } from './token-resource.ts';
import { refusedWriting } from './untouched.ts';

let federation: Federation;
let resource: TokenResource;
beforeAll(async () => {
  federation = await startTestFederation();
  resource = await openResource(federation);
});
afterAll(() => stopTestFederation(federation));

const NO_TOKEN = '401 token_invalid';

/** How the broker refuses `token` with a proof of it by `key`. */
function refusalOf(token: string, key: PrivateJwk = resource.key, more: Record<string, string> = {}) {
  const dpop = proofOf(key, { method: 'GET', url: resource.url, token });
  return refusalAt(federation, resource, { authorization: `DPoP ${token}`, dpop, ...more });
}

/** What a TLS terminator in front would add; the broker has none, so all of it comes from outside. */
function forwardedCertificate(member: string): Record<string, string> {
  const pem = readFileSync(join(federation.home, 'keys', member, 'tls-cert.pem'), 'utf8');
  const der = pem.replaceAll(/-----[^-]+-----|\s/g, '');
  return {
    'client-cert': `:${der}:`,
    'x-ssl-client-cert': encodeURIComponent(pem),
    'x-ssl-client-verify': 'SUCCESS',
    'x-ssl-client-s-dn': `CN=${member}`,
    'x-forwarded-client-cert': `URI=urn:causeway:${federation.ceremony.fed}:${member}`,
    'x-forwarded-user': member,
  };
}

describe('a token is bound to its key', () => {
  test('S21 presented by another key it is refused', async () => {
    expect(await refusalOf(resource.token, generateKey())).toBe('401 dpop_invalid');
    expect(await refusalOf(resource.token, federation.keys('abc-bank').auth)).toBe('401 dpop_invalid');
  });

  test('S21 presented as Bearer it is refused, with and without a proof', async () => {
    for (const scheme of ['Bearer', 'bearer', 'Token', 'Basic']) {
      const authorization = `${scheme} ${resource.token}`;
      expect(await refusalAt(federation, resource, { authorization })).toBe(NO_TOKEN);
      expect(await refusalAt(federation, resource, { authorization, dpop: goodProof(resource) })).toBe(
        NO_TOKEN,
      );
    }
  });

  test('S21 presented twice, or in the URL, it is refused', async () => {
    const authorization = `DPoP ${resource.token}`;
    const dpop = goodProof(resource);
    expect(
      await refusalAt(federation, resource, { authorization: [authorization, authorization], dpop }),
    ).toBe(NO_TOKEN);
    const url = `${resource.url}?access_token=${resource.token}`;
    const inUrl = await refusedWriting(federation, { broker: {}, consumer: {} }, () =>
      request(url, { headers: { dpop: goodProof(resource) } }),
    );
    expect([inUrl.status, inUrl.code]).toEqual([401, 'token_missing']);
  });

  test('S21 a certificate named in headers from outside is no proof', async () => {
    for (const member of ['broker', 'consumer']) {
      const forwarded = forwardedCertificate(member);
      const authorization = `DPoP ${resource.token}`;
      expect(await refusalAt(federation, resource, forwarded)).toBe('401 token_missing');
      expect(await refusalAt(federation, resource, { authorization, ...forwarded })).toBe('401 dpop_invalid');
      expect(await refusalOf(resource.token, generateKey(), forwarded)).toBe('401 dpop_invalid');
    }
  });

  test('S21 beside a good token and proof such headers change nothing', async () => {
    const headers = { authorization: `DPoP ${resource.token}`, dpop: goodProof(resource) };
    const answer = await request(resource.url, {
      headers: { ...headers, ...forwardedCertificate('consumer') },
    });
    expect(answer.status).toBe(200);
    expect(await delivers(resource)).toBe(true);
  });
});

describe('a token is for one service, and of one kind', () => {
  test('S22 tokens for other services are refused, and good where they belong', async () => {
    const consumer = { service: 'consumer', scope: 'consent.request' };
    const authority = { service: 'authority', scope: 'refs.derive' };
    for (const wanted of [consumer, authority]) {
      expect(await refusalOf(await tokenOf(federation, 'abc-bank', resource.key, wanted))).toBe(NO_TOKEN);
    }
    const url = `${federation.url('consumer')}/v1/consent-requests/${freshId()}`;
    const token = await tokenOf(federation, 'abc-bank', resource.key, consumer);
    const dpop = proofOf(resource.key, { method: 'GET', url, token });
    expect((await request(url, { headers: { authorization: `DPoP ${token}`, dpop } })).status).toBe(404);
  });

  test("S22 the broker's token is refused by the other services", async () => {
    const { key, token } = resource;
    const elsewhere = [
      { url: `${federation.url('consumer')}/v1/consent-requests/${freshId()}`, method: 'GET' },
      { url: `${federation.url('authority')}/v1/subject-refs`, method: 'POST' },
      { url: `${federation.url('central')}/v1/mappings`, method: 'POST' },
    ];
    for (const { url, method } of elsewhere) {
      const headers = {
        authorization: `DPoP ${token}`,
        dpop: proofOf(key, { method, url, token }),
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      };
      const body = method === 'POST' ? { body: '{}' } : {};
      const { status, code } = await refusedWriting(
        federation,
        { authority: {}, consumer: {}, central: {} },
        () => request(url, { method, headers, ...body }),
      );
      expect([url, status, code]).toEqual([url, 401, 'token_invalid']);
    }
  });

  test("S22 the identity provider's token and a subject's session are no access tokens", async () => {
    const nonce = sessionNonce(freshId());
    const idToken = await federation.idToken(sandboxSubject('li-na'), nonce);
    const session = await federation
      .subject()
      .openSession(await federation.idToken(sandboxSubject('li-na'), nonce));
    for (const token of [idToken, session]) {
      expect(await refusalOf(token)).toBe(NO_TOKEN);
      expect(await refusalAt(federation, resource, { authorization: `Bearer ${token}` })).toBe(NO_TOKEN);
    }
  });

  test("S22 the statements of an inquiry's evidence are no access tokens", async () => {
    const all = await statements();
    const types = all.map((jws) => readUnverified(jws).header['typ']);
    expect(new Set(types).size).toBe(6);
    for (const statement of all) {
      expect(await refusalOf(statement)).toBe(NO_TOKEN);
      expect(await refusalAt(federation, resource, { authorization: `Bearer ${statement}` })).toBe(NO_TOKEN);
    }
  });

  test('S22 the status statement of a revocation is no access token', async () => {
    const { agreed } = await openResource(federation);
    const receipt = await revocationReceipt(agreed.id);
    expect(readUnverified(receipt).header['typ']).toBe('causeway-status+jws');
    expect(await refusalOf(receipt)).toBe(NO_TOKEN);
  });

  test('S22 what members sign themselves is no access token, whatever it says', async () => {
    const { auth, statement } = federation.keys('abc-bank');
    const [, payload = ''] = resource.token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const header = { typ: 'at+jwt', alg: 'EdDSA', kid: 'abc-bank' };
    const longer = { ...claims, exp: now() + 500, scope: 'inquiry.read records.publish' };
    for (const key of [auth, statement, resource.key]) {
      expect(await refusalOf(jose(header, longer, byKey(key)))).toBe(NO_TOKEN);
    }
  });
});

/** Every statement behind the resource: the evidence that the lender may read. */
async function statements(): Promise<string[]> {
  const id = resource.url.split('/').at(-2) ?? '';
  const bundle = JSON.parse(await federation.lender('abc-bank').evidence(id)) as Record<string, unknown>;
  const { consent, inquiry, grants, disclosures, report, heads } = bundle;
  return [consent, inquiry, grants, disclosures, report, heads].flat().map(String);
}

/** The signed status that a subject gets for the revocation of a consent. */
async function revocationReceipt(consent: string): Promise<string> {
  const idToken = await federation.idToken(sandboxSubject('li-na'), revocationNonce(consent));
  const { body } = await request(`${federation.url('consumer')}/v1/consents/${consent}/revocation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id_token: idToken }),
  });
  return String(body['receipt']);
}
