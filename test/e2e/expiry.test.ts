import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { ServiceProcess } from '@causeway/sandbox/service-process';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { Digest } from '@causeway/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimsOf, type ItemResult, onlyResult, present, redeemAsBroker } from './federation-call.ts';
import { goodInquiry, signRaw } from './raw-statement.ts';
import { replaceConsent } from './stored-consent.ts';
import { NOBODY, refusedWriting } from './untouched.ts';

let federation: Federation;
let subjectRef = '';
beforeAll(async () => {
  federation = await startTestFederation();
});
afterAll(() => stopTestFederation(federation));

/** Runs a node with a clock that is so far off, until what is returned is called. */
async function skew(node: string, offMs: number): Promise<() => Promise<void>> {
  const own = federation.process(node);
  await own.stop();
  const text = `const now = Date.now; Date.now = () => now() + (${offMs});`;
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(text)}`;
  const env = { ...own.program.env, NODE_OPTIONS };
  const process = new ServiceProcess(federation.home, { ...own.program, env });
  await process.start();
  return async () => {
    await process.stop();
    await own.start();
  };
}

/** Waits until a clock that is so far off has reached this second. */
async function reached(second: number, offMs: number): Promise<void> {
  const now = () => (Date.now() + offMs) / 1000;
  await expect.poll(() => now() >= second, { timeout: 30_000, interval: 5 }).toBe(true);
}

/** A consent of Li Na's to ABC Bank that ends at this second. */
async function consentUntil(until: number): Promise<Digest> {
  const terms = usualTerms(['central', 'lotus'], 100);
  const agreed = await agree(federation, federation.lender('abc-bank'), sandboxSubject('li-na'), terms);
  ({ subjectRef } = agreed);
  const times = { iat: until - 7200, valid_from: until - 7200, valid_until: until, exp: until };
  return replaceConsent(federation, agreed, (claims) => ({ ...claims, ...times }));
}

function inquiryUnder(consent: Digest, claims: Record<string, unknown> = {}): string {
  const key = federation.keys('abc-bank').statement;
  return signRaw(goodInquiry({ member: 'abc-bank', key, subjectRef, consent, claims }), key);
}

const presented = async (item: { inquiry: string; grant: string }): Promise<ItemResult> =>
  onlyResult(await present(federation, { by: 'broker', to: 'lotus', ...item }));

const soon = (): number => Math.ceil(Date.now() / 1000) + 5;
const apart = [-1500, 0, 1500];

describe.each(apart)('the consumer service’s clock is %i ms off', (offMs) => {
  let back: () => Promise<void>;
  beforeAll(async () => {
    back = await skew('consumer', offMs);
  });
  afterAll(() => back());

  test('S39 a consent is good in its last second, and from its end on it is not', async () => {
    const end = soon();
    const consent = await consentUntil(end);
    const [last, next] = [inquiryUnder(consent), inquiryUnder(consent)];
    await reached(end - 1, offMs);
    const inTime = await redeemAsBroker(federation, last);
    await reached(end, offMs);
    const late = { ...NOBODY, consumer: { refusal: 1, access: 1, leaves: 1 } };
    const tooLate = await refusedWriting(federation, late, () => redeemAsBroker(federation, next));
    expect([inTime.result.code, inTime.result.use]).toEqual([undefined, 1]);
    expect([tooLate.result.code, tooLate.result.grants]).toEqual(['consent_expired', undefined]);
  });

  test('S39 an inquiry is redeemed in its last second, and from its exp on it is not', async () => {
    const exp = soon();
    const consent = await consentUntil(exp + 3600);
    const times = { deadline: exp, exp };
    const [last, next] = [inquiryUnder(consent, times), inquiryUnder(consent, times)];
    await reached(exp - 1, offMs);
    const inTime = await redeemAsBroker(federation, last);
    await reached(exp, offMs);
    const tooLate = await refusedWriting(federation, NOBODY, () => redeemAsBroker(federation, next));
    expect(inTime.result.use).toBe(1);
    expect(tooLate.result.error?.code).toBe('expired');
  });
});

describe.each(apart)('a bureau’s clock is %i ms off', (offMs) => {
  let back: () => Promise<void>;
  beforeAll(async () => {
    back = await skew('lotus', offMs);
  });
  afterAll(() => back());

  test('S39 a grant brings its disclosure in its last second, and from its exp on nothing', async () => {
    const inquiry = inquiryUnder(await consentUntil(soon() + 3600), { exp: soon() + 60 });
    // At the turn of a second, so that the bureau counts the grant at most two seconds old or young.
    await reached(Math.ceil(Date.now() / 1000), 0);
    const { grant: grantFor } = await redeemAsBroker(federation, inquiry, ['lotus']);
    const item = { inquiry, grant: grantFor('lotus') };
    const first = await presented(item);
    const exp = Number(claimsOf(item.grant)['exp']);
    await reached(exp - 1, offMs);
    const last = await presented(item);
    await reached(exp, offMs);
    const { error, ...rest } = await refusedWriting(federation, NOBODY, () => presented(item));
    expect(first.disclosure).toMatch(/^ey/u);
    expect(last).toEqual(first);
    expect([error?.code, rest]).toEqual(['expired', {}]);
  });
});
