import { generateKey } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { approvalNonce, revocationNonce, sessionNonce } from '@causeway/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, request } from './answers.ts';
import { READING, askToken, assertionOf, freshId, proofOf } from './forged-tokens.ts';
import { type TokenResource, delivers, goodProof, openResource } from './token-resource.ts';
import { refusedWriting } from './untouched.ts';

let federation: Federation;
let resource: TokenResource;
beforeAll(async () => {
  federation = await startTestFederation();
  resource = await openResource(federation);
});
afterAll(() => stopTestFederation(federation));

const COPIES = 50;
const ROUNDS = 3;
const MEMBER = 'abc-bank';

/** How often each answer came to fifty copies of one request, all sent before the first answer. */
async function fiftyTimes(send: () => Promise<Answer>): Promise<Record<string, number>> {
  const answers = await Promise.all(Array.from({ length: COPIES }, send));
  const counts: Record<string, number> = {};
  for (const { status, code, body } of answers) {
    const error = body['error'];
    const answer = `${status} ${code || (typeof error === 'string' ? error : 'answered')}`;
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

const postJson = (path: string, body: unknown): Promise<Answer> =>
  request(`${federation.url('consumer')}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('S27 fifty copies of one client assertion give one token', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const assertion = assertionOf(federation, MEMBER);
    const counts = await refusedWriting(federation, { authority: {} }, () =>
      fiftyTimes(() => askToken(federation, READING, { assertion })),
    );
    expect(counts).toEqual({ '200 answered': 1, '401 invalid_client': COPIES - 1 });
  }
});

test('S27 fifty copies of one DPoP proof give one token', async () => {
  const url = `${federation.url('authority')}/oauth/token`;
  const proof = proofOf(generateKey(), { method: 'POST', url });
  const counts = await fiftyTimes(() =>
    askToken(federation, READING, { assertion: assertionOf(federation, MEMBER), proof }),
  );
  expect(counts['200 answered']).toBe(1);
  expect(Object.keys(counts).every((answer) => /^(200|400|401) /.test(answer))).toBe(true);
});

test('S27 fifty copies of one DPoP proof bring one report', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const headers = { authorization: `DPoP ${resource.token}`, dpop: goodProof(resource) };
    expect(await fiftyTimes(() => request(resource.url, { headers }))).toEqual({
      '200 answered': 1,
      '401 dpop_invalid': COPIES - 1,
    });
    expect(await delivers(resource)).toBe(true);
  }
});

test('S27 fifty copies of one id_token open one session', async () => {
  const nonce = sessionNonce(freshId());
  const id_token = await federation.idToken(sandboxSubject('li-na'), nonce);
  const besides = { consumer: { session: 1, used_id_token: 1 } };
  const counts = await refusedWriting(federation, besides, () =>
    fiftyTimes(() => postJson('/v1/sessions', { id_token })),
  );
  expect(successes(counts)).toBe(1);
  expect(counts['401 token_invalid']).toBe(COPIES - 1);
});

test('S27 fifty copies of one id_token give one consent, and fifty of another revoke it once', async () => {
  const lender = federation.lender(MEMBER);
  const subject = sandboxSubject('wang-thin');
  const asked = await requestConsent();
  const { id, formDigest } = asked;
  const id_token = await federation.idToken(subject, approvalNonce(id, formDigest));
  const given = await refusedWriting(
    federation,
    { consumer: { consent: 1, used_id_token: 1, subject_ref_cache: 1, leaves: 1 } },
    () => fiftyTimes(() => postJson('/v1/consents', { request: id, id_token })),
  );
  expect(given).toEqual({ '201 answered': 1, '401 token_invalid': COPIES - 1 });

  const { consent } = await lender.consent(asked);
  const consentId = consent?.claims.jti ?? '';
  const revocation = await federation.idToken(subject, revocationNonce(consentId));
  const revoked = await refusedWriting(
    federation,
    { consumer: { stop: 1, status_delivery: 2, used_id_token: 1, leaves: 1 } },
    () => fiftyTimes(() => postJson(`/v1/consents/${consentId}/revocation`, { id_token: revocation })),
  );
  expect(successes(revoked)).toBe(1);
  expect(revoked['401 token_invalid']).toBe(COPIES - 1);
});

const successes = (counts: Record<string, number>): number =>
  Object.entries(counts).reduce((sum, [answer, n]) => sum + (answer.startsWith('2') ? n : 0), 0);

async function requestConsent() {
  const lender = federation.lender(MEMBER);
  const [subjectRef = ''] = await lender.subjectRefs([sandboxSubject('wang-thin').identifier]);
  const { purpose, ...terms } = usualTerms(['central'], 1);
  return lender.requestConsent({
    ...terms,
    subjectRef,
    purposes: [purpose],
    validDays: 30,
    fetch: 'once',
    recipientRetention: 'P1Y',
    language: 'en',
  });
}
