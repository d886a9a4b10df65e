import { systemClock, systemRandom } from '@causeway/kernel';
import { generateKey, kidOf, sign, signingKeyFromJwk } from '@causeway/protocol';
import type { PrivateJwk } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, inquireUnder, usualTerms, type Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { Lender } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publicHalf } from './applicant.ts';
import { callFederation, certificateOf, onlyResult, present, redeemAsBroker } from './federation-call.ts';
import { goodInquiry, signRaw } from './raw-statement.ts';
import { tokensOf } from './token-client.ts';
import { NOBODY, refusedWriting } from './untouched.ts';

let federation: Federation;
let agreed: Agreed;
/** A finished inquiry of ABC Bank. */
let answered: { id: string; jws: string };
const terms = () => usualTerms(['central', 'lotus'], 20);

beforeAll(async () => {
  federation = await startTestFederation();
  const lender = federation.lender('abc-bank');
  agreed = await agree(federation, lender, sandboxSubject('li-na'), terms());
  answered = await inquireUnder(lender, agreed, terms());
});
afterAll(() => stopTestFederation(federation));

/** Sent and refused: its status and code, and nothing was written by anybody. */
async function refusal(url: string, init: RequestInit): Promise<string> {
  const answer = await refusedWriting(federation, NOBODY, () => fetch(url, init));
  const body = (await answer.json()) as Record<string, unknown>;
  expect(JSON.stringify(body)).not.toMatch(/"(report|disclosures|access_token|consent)"/);
  return `${answer.status} ${String(body['code'] ?? body['error'])}`;
}

const inquiriesUrl = () => `${federation.url('broker')}/v1/inquiries`;

/** A good inquiry of ABC Bank, not sent yet. */
function inquiry(key: PrivateJwk = federation.keys('abc-bank').statement) {
  const { digest: consent, subjectRef } = agreed;
  return goodInquiry({ member: 'abc-bank', key, subjectRef, consent });
}

const post = (body: string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/jose', ...headers },
  body,
});

const tokens = (member: string, authKey?: PrivateJwk) => tokensOf(federation, member, authKey);

describe('signing key and member', () => {
  const other = () => federation.keys('evergreen').statement;
  const own = () => federation.keys('abc-bank').statement;
  const kid = (member: string, key: PrivateJwk) => kidOf(member, publicHalf(key));

  test.each([
    [
      "signed by another member's key under its own kid",
      () => spoilt(kid('evergreen', other()), other()),
      'issuer_mismatch',
    ],
    [
      "signed by another member's key under ours",
      () => spoilt(kid('abc-bank', own()), other()),
      'signature_invalid',
    ],
    [
      "signed by another member's key called ours",
      () => spoilt(kid('abc-bank', other()), other()),
      'key_unknown',
    ],
    [
      'signed by our key called another member’s',
      () => spoilt(kid('evergreen', own()), own()),
      'key_unknown',
    ],
    ['in our name about another issuer', () => issuedBy('evergreen'), 'issuer_mismatch'],
    ['signed by the key of our token client', () => byAuthKey(), 'key_use'],
    ['signed by a bureau', () => byNode('central'), 'key_use'],
    ['signed by the broker to itself', () => byNode('broker'), 'key_use'],
  ])('S10 an inquiry %s is refused', async (_what, make, code) => {
    expect(await refusal(inquiriesUrl(), post(make()))).toBe(`401 ${code}`);
  });

  function spoilt(under: string, key: PrivateJwk): string {
    const { header, claims } = inquiry();
    return signRaw({ header: { ...header, kid: under }, claims }, key);
  }
  function issuedBy(iss: string): string {
    const { header, claims } = inquiry();
    return signRaw({ header, claims: { ...claims, iss } }, own());
  }
  function byAuthKey(): string {
    const { auth } = federation.keys('abc-bank');
    return signRaw(inquiry(auth), auth);
  }
  function byNode(member: string): string {
    const key = federation.keys(member).statement;
    const { header, claims } = inquiry();
    return signRaw({ header: { ...header, kid: kid(member, key) }, claims: { ...claims, iss: member } }, key);
  }
});

describe('statement and token', () => {
  test("S10 one member's inquiry with another's token is refused and not accepted", async () => {
    const jws = signRaw(inquiry(), federation.keys('abc-bank').statement);
    const evergreen = tokens('evergreen');
    for (const prefer of [{ prefer: 'wait=5' }, {}]) {
      const headers = await evergreen.headers('broker', 'inquiry.read', 'POST', inquiriesUrl());
      expect(await refusal(inquiriesUrl(), post(jws, { ...headers, ...prefer }))).toBe(
        '403 identity_mismatch',
      );
    }
  });

  test("S10 another member's inquiry, report and evidence are not found", async () => {
    const evergreen = tokens('evergreen');
    for (const path of ['', '/report', '/evidence', '/events']) {
      const url = `${inquiriesUrl()}/${answered.id}${path}`;
      const headers = await evergreen.headers('broker', 'inquiry.read', 'GET', url);
      expect(await refusal(url, { headers })).toBe('404 not_found');
    }
  });

  test("S10 a consent request of one member is not found by another's token", async () => {
    const url = `${federation.url('consumer')}/v1/consent-requests`;
    const lender = federation.lender('abc-bank');
    const { fetch: _fetch, ...asked } = consentTerms();
    const { id } = await lender.requestConsent({ ...asked, fetch: 'once' });
    const headers = await tokens('evergreen').headers('consumer', 'consent.request', 'GET', `${url}/${id}`);
    expect(await refusal(`${url}/${id}`, { headers })).toBe('404 not_found');
  });

  test("S10 a member's token with another member's proof key is refused", async () => {
    const url = `${inquiriesUrl()}/${answered.id}/report`;
    const [abc, evergreen] = [tokens('abc-bank'), tokens('evergreen')];
    const good = await abc.headers('broker', 'inquiry.read', 'GET', url);
    const bad = await evergreen.headers('broker', 'inquiry.read', 'GET', url);
    expect(await refusal(url, { headers: { ...good, dpop: String(bad['dpop']) } })).toBe('401 dpop_invalid');
    expect(await refusal(url, { headers: { ...bad, dpop: String(good['dpop']) } })).toBe('401 dpop_invalid');
    expect(
      (await fetch(url, { headers: await abc.headers('broker', 'inquiry.read', 'GET', url) })).status,
    ).toBe(200);
  });

  function consentTerms() {
    const { categories } = terms();
    return {
      ...{ subjectRef: agreed.subjectRef, purposes: ['LOAN_APPROVAL'], categories, bureaus: ['central'] },
      ...{ validDays: 1, fetch: 'once', maxUses: 1, recipientRetention: 'P1Y', language: 'en' as const },
    };
  }
});

describe('token client and member', () => {
  const broker = 'broker';

  test.each([
    ["another member's client key", () => federation.keys('evergreen').auth],
    ["another member's signing key", () => federation.keys('evergreen').statement],
    ['its own signing key', () => federation.keys('abc-bank').statement],
    ['a key that nobody enrolled', () => generateKey()],
  ])('S10 a client that signs its assertion with %s gets no token', async (_what, key) => {
    const client = tokens('abc-bank', key());
    const ask = () => client.headers(broker, 'inquiry.read', 'GET', inquiriesUrl());
    await refusedWriting(federation, NOBODY, () =>
      expect(ask()).rejects.toMatchObject({ code: 'token_invalid' }),
    );
  });

  test('S10 a bureau gets no token for another bureau, and its own token is nothing there', async () => {
    const lotus = tokens('lotus');
    const url = `${federation.url('central')}/v1/mappings`;
    await refusedWriting(federation, NOBODY, async () => {
      await expect(lotus.headers('central', 'records.publish', 'POST', url)).rejects.toMatchObject({
        code: 'token_invalid',
      });
    });
    const headers = await lotus.headers('lotus', 'records.publish', 'POST', url);
    const init = { ...post('{}', headers), headers: { ...headers, 'content-type': 'application/json' } };
    expect(await refusal(url, init)).toBe('401 token_invalid');
  });

  test('S10 a whole lender made of two members gets nothing from any service', async () => {
    const [abc, evergreen] = [federation.keys('abc-bank'), federation.keys('evergreen')];
    const { fed } = federation.ceremony;
    const wire = { fed, authorityUrl: federation.url('authority'), anchor: federation.card.anchor };
    const time = { clock: systemClock, random: systemRandom };
    for (const [member, statementKey, authKey, code] of [
      ['abc-bank', abc.statement, evergreen.auth, 'token_invalid'],
      ['abc-bank', evergreen.statement, abc.auth, 'key_unknown'],
      ['evergreen', abc.statement, evergreen.auth, 'key_unknown'],
      ['evergreen', evergreen.statement, abc.auth, 'token_invalid'],
    ] as const) {
      const mixed = new Lender({ member, ...wire, statementKey, authKey, ...time });
      await refusedWriting(federation, NOBODY, () =>
        expect(inquireUnder(mixed, agreed, terms())).rejects.toMatchObject({ code }),
      );
    }
  });
});

describe('certificate and member', () => {
  test("S10 the broker's key with another member's certificate does not shake hands", async () => {
    const mixed = {
      key: certificateOf(federation, 'broker').key,
      cert: certificateOf(federation, 'lotus').cert,
    };
    const call = { by: mixed, to: 'central', path: '/v1/disclosures', body: { items: [] } };
    await refusedWriting(federation, NOBODY, () =>
      expect(callFederation(federation, call)).rejects.toThrow(/mismatch/),
    );
  });

  test("S10 a token beside another member's certificate adds nothing to it", async () => {
    const { jws } = await federation.lender('abc-bank').sign(question());
    const grant = (await redeemAsBroker(federation, jws)).grant('central');
    const url = `https://localhost:${federation.ports.federation('central')}/v1/disclosures`;
    const headers = await tokens('abc-bank').headers('broker', 'inquiry.read', 'POST', url);
    const body = { items: [{ inquiry: jws, grant }] };
    const call = { by: 'lotus', to: 'central', path: '/v1/disclosures', body, headers };
    const answer = await refusedWriting(federation, NOBODY, () => callFederation(federation, call));
    expect([answer.status, answer.body['code']]).toEqual([403, 'role_not_permitted']);
  });

  test('S10 a refusal that another member signed enters no history by the broker’s certificate', async () => {
    const { jws, digest } = await federation.lender('abc-bank').sign(question());
    for (const member of ['central', 'consumer']) {
      const key = signingKeyFromJwk(member, federation.keys(member).statement);
      const exp = Math.floor(systemClock.now() / 1000) + 600;
      const claims = { aud: 'abc-bank', exp, inquiry: digest, code: 'not_authorised' as const };
      const by = { key, fed: federation.ceremony.fed, clock: systemClock, random: systemRandom };
      const refused = sign('refusal', { ...claims, policy_version: 'cn-2026.1', rules: ['gate.x'] }, by);
      const body = { refusals: [{ refusal: refused.jws, inquiry: jws }] };
      const call = { by: 'broker', to: 'consumer', path: '/v1/refusals', body };
      const answer = await refusedWriting(federation, NOBODY, () => callFederation(federation, call));
      expect(onlyResult(answer).error).toMatchObject({ code: 'issuer_mismatch' });
    }
  });

  test('S10 a grant that another node signed opens nothing, though the broker presents it', async () => {
    const { jws } = await federation.lender('abc-bank').sign(question());
    const { header, claims } = partsOf((await redeemAsBroker(federation, jws)).grant('central'));
    for (const member of ['broker', 'lotus']) {
      const key = federation.keys(member).statement;
      const own = { ...header, kid: kidOf(member, publicHalf(key)) };
      const forged = [
        signRaw({ header, claims }, key),
        signRaw({ header: own, claims: { ...claims, iss: member } }, key),
      ];
      const codes = await refusedWriting(federation, NOBODY, () =>
        Promise.all(
          forged.map(async (grant) => {
            const answer = await present(federation, { by: 'broker', to: 'central', inquiry: jws, grant });
            return onlyResult(answer).error?.code;
          }),
        ),
      );
      expect(codes).toEqual(['signature_invalid', 'key_use']);
    }
  });

  const partsOf = (jws: string) => {
    const [header = '', payload = ''] = jws.split('.');
    const read = (part: string) =>
      JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
    return { header: read(header), claims: read(payload) };
  };

  const question = () => {
    const { categories, purpose } = terms();
    const { digest: consent, subjectRef } = agreed;
    return { subjectRef, consent, purpose, categories, operator: 'op-1' };
  };
});
