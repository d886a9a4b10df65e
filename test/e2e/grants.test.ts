import { join } from 'node:path';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, usualTerms, type Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { newAuthority, uri } from '@causeway/service/certificates.fixture';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { Lender, SignedInquiry } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { admitted } from './applicant.ts';
import {
  type Certificate,
  callFederation,
  claimsOf,
  onlyResult,
  present,
  redeemAsBroker,
} from './federation-call.ts';
import { queryDatabase, rowCounts } from './rows.ts';
import { countsOf, NOBODY, refusedWriting } from './untouched.ts';

let federation: Federation;
let lender: Lender;
let agreed: Agreed;
/** Redeemed first and presented last. */
let early: { inquiry: string; grant: string };
const liNa = sandboxSubject('li-na');

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  lender = federation.lender('abc-bank');
  agreed = await agree(federation, lender, liNa, usualTerms(federation.card.bureaus, 50));
  const { jws } = await inquiry();
  early = { inquiry: jws, grant: (await redeemAsBroker(federation, jws)).grant('central') };
});
afterAll(() => stopTestFederation(federation));

/**
 * An inquiry under the consent, signed and not sent: whoever holds the broker's certificate can redeem it.
 */
function inquiry(): Promise<SignedInquiry> {
  const { categories, purpose } = usualTerms([], 1);
  const { subjectRef, digest: consent } = agreed;
  return lender.sign({ subjectRef, consent, purpose, categories, operator: 'op-1', deadlineSeconds: 120 });
}

/** How a call was refused, as a whole or in its one item; nothing was written anywhere, nothing released. */
async function refusal(act: () => ReturnType<typeof callFederation>): Promise<string> {
  const answer = await refusedWriting(federation, NOBODY, act);
  if (answer.status !== 200) return `${answer.status} ${String(answer.body['code'])}`;
  const { error, ...rest } = onlyResult(answer);
  return `item ${error?.code} ${Object.keys(rest).join()}`.trim();
}

describe('a grant in the wrong hands', () => {
  test('S14 a bureau replays inquiry and grant at another bureau with its own certificate', async () => {
    const { jws } = await inquiry();
    const { grant } = await redeemAsBroker(federation, jws);
    for (const [by, to] of [
      ['central', 'lotus'],
      ['lotus', 'harbour'],
    ] as const) {
      for (const stolen of [grant(by), grant(to)]) {
        const replay = () => present(federation, { by, to, inquiry: jws, grant: stolen });
        expect(await refusal(replay)).toBe('403 role_not_permitted');
      }
    }
  });

  test('S14 a bureau, the consumer service and the authority cannot redeem an inquiry', async () => {
    const body = { items: [{ inquiry: (await inquiry()).jws }] };
    for (const by of ['central', 'consumer', 'authority']) {
      const redeem = () => callFederation(federation, { by, to: 'consumer', path: '/v1/grants', body });
      expect(await refusal(redeem)).toBe('403 role_not_permitted');
    }
  });

  test('S14 a lender has no node certificate, and none of another authority counts', async () => {
    const { jws } = await inquiry();
    const grant = (await redeemAsBroker(federation, jws)).grant('central');
    const { key, cert } = newAuthority().issue({ uris: [uri('broker', federation.ceremony.fed)] });
    await refusedWriting(federation, NOBODY, async () => {
      for (const by of [undefined, { key, cert }]) {
        await expect(present(federation, { by, to: 'central', inquiry: jws, grant })).rejects.toThrow(/./);
      }
      for (const path of ['/v1/disclosures', '/v1/grants']) {
        const url = `${federation.url('central')}${path}`;
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ items: [] }) });
        expect(answer.status).toBe(404);
      }
    });
  });

  test('S14 the grant of one bureau is nothing at another, whoever presents it', async () => {
    const { jws } = await inquiry();
    const { grant } = await redeemAsBroker(federation, jws);
    const crossed = (to: string, of: string) => () =>
      present(federation, { by: 'broker', to, inquiry: jws, grant: grant(of) });
    expect(await refusal(crossed('lotus', 'central'))).toBe('item audience_mismatch');
    expect(await refusal(crossed('central', 'broker'))).toBe('item audience_mismatch');
  });

  test('S14 a grant of one inquiry opens no other', async () => {
    const [one, other] = [await inquiry(), await inquiry()];
    const grant = (await redeemAsBroker(federation, one.jws)).grant('central');
    const swap = () => present(federation, { by: 'broker', to: 'central', inquiry: other.jws, grant });
    expect(await refusal(swap)).toBe('item link_mismatch');
  });
});

describe('one answer for ever', () => {
  const bureaus = ['central', 'lotus', 'harbour'];

  /** Asks a bureau under a grant renewed just now. */
  async function ask(jws: string, bureau: string) {
    const grant = (await redeemAsBroker(federation, jws, [bureau])).grant(bureau);
    return onlyResult(await present(federation, { by: 'broker', to: bureau, inquiry: jws, grant }));
  }

  test('S15 under renewed grants every bureau sends the stored bytes, and adds no leaf', async () => {
    const { jws, digest } = await inquiry();
    const first = await Promise.all(bureaus.map((bureau) => ask(jws, bureau)));
    expect(first.map(({ disclosure }) => claimsOf(String(disclosure))['iss'])).toEqual(bureaus);
    const before = await countsOf(federation, bureaus);
    for (let round = 0; round < 3; round += 1) {
      expect(await Promise.all(bureaus.map((bureau) => ask(jws, bureau)))).toEqual(first);
    }
    expect(await countsOf(federation, bureaus)).toEqual(before);
    expect(await usesOf(digest)).toEqual([1]);
  });

  test('S15 twenty at once under twenty renewed grants get the same bytes, once', async () => {
    const { jws } = await inquiry();
    const before = await rowCounts(federation, 'central');
    const results = await Promise.all(Array.from({ length: 20 }, () => ask(jws, 'central')));
    expect(new Set(results.map(({ disclosure }) => disclosure)).size).toBe(1);
    expect(results[0]?.disclosure).toMatch(/^ey/);
    const after = await rowCounts(federation, 'central');
    expect(after).toEqual({
      ...before,
      answer: (before['answer'] ?? 0) + 1,
      leaves: (before['leaves'] ?? 0) + 1,
    });
  });

  test('S15 the bureau is killed while it answers: then the stored bytes', async () => {
    const { jws, digest } = await inquiry();
    const bureau = federation.process('harbour');
    const before = await rowCounts(federation, 'harbour');
    const seen = new Set<string>();
    for (let round = 0; round < 2; round += 1) {
      const asked = ask(jws, 'harbour').catch(() => undefined);
      if (round % 2 === 1) seen.add(String((await asked)?.disclosure));
      await bureau.kill();
      const answered = (await asked)?.disclosure;
      if (answered !== undefined) seen.add(answered);
      await bureau.start();
    }
    seen.add(String((await ask(jws, 'harbour')).disclosure));
    expect([...seen]).toEqual([expect.stringMatching(/^ey/)]);
    const after = await rowCounts(federation, 'harbour');
    expect(after).toEqual({
      ...before,
      answer: (before['answer'] ?? 0) + 1,
      leaves: (before['leaves'] ?? 0) + 1,
    });
    expect(await usesOf(digest)).toEqual([1]);
  });

  test('S15 once the stored bytes are purged there is nothing, and no second disclosure', async () => {
    const { jws, digest } = await inquiry();
    await ask(jws, 'lotus');
    await queryDatabase(federation, 'lotus', 'UPDATE answer SET statement = NULL WHERE inquiry = $1', [
      digest,
    ]);
    const before = await rowCounts(federation, 'lotus');
    expect(await ask(jws, 'lotus')).toMatchObject({ error: { code: 'deadline_passed' } });
    expect(await rowCounts(federation, 'lotus')).toEqual(before);
    expect(await usesOf(digest)).toEqual([1]);
  });

  /** How often this inquiry was counted against the consent. */
  async function usesOf(digest: string): Promise<number[]> {
    const text = 'SELECT count(*)::int AS n FROM consent_use WHERE inquiry = $1';
    return (await queryDatabase<{ n: number }>(federation, 'consumer', text, [digest])).map(({ n }) => n);
  }
});

describe('members with a certificate that are not the presenter', () => {
  test('S14 a lender that runs a node may not present, though its certificate is good', async () => {
    const keysDir = join(federation.home, 'keys', 'harbour-bank');
    const by = await admitted(federation, { id: 'harbour-bank', role: 'lender', keysDir });
    const { jws } = await inquiry();
    const grant = (await redeemAsBroker(federation, jws)).grant('central');
    await known(by, 'central', '/v1/disclosures');
    const item = { by, to: 'central', inquiry: jws, grant };
    expect(await refusal(() => present(federation, item))).toBe('403 role_not_permitted');
  });

  test('S14 another broker may not present a grant whose presenter it is not', async () => {
    const keysDir = join(federation.home, 'keys', 'rival-broker');
    const by = await admitted(federation, { id: 'rival-broker', role: 'broker', keysDir });
    await known(by, 'central', '/v1/disclosures');
    const { jws } = await inquiry();
    const grant = (await redeemAsBroker(federation, jws)).grant('central');
    const foreign = () => present(federation, { by, to: 'central', inquiry: jws, grant });
    expect(await refusal(foreign)).toBe('item audience_mismatch');
    await known(by, 'consumer', '/v1/grants');
    const redeem = { by, to: 'consumer', path: '/v1/grants', body: { items: [{ inquiry: jws }] } };
    expect(await refusal(() => callFederation(federation, redeem))).toBe('item audience_mismatch');
  });

  /** Nodes poll the directory: until they know the newcomer it is nobody, which proves nothing. */
  async function known(by: Certificate, to: string, path: string) {
    const ask = async () => (await callFederation(federation, { by, to, path, body: {} })).body['code'];
    await expect.poll(ask, { timeout: 20_000, interval: 200 }).not.toBe('member_unknown');
  }
});

test('S14 an expired grant is nothing, at its own bureau and by its own presenter', async () => {
  const exp = Number(claimsOf(early.grant)['exp']) * 1000;
  await expect.poll(() => Date.now() >= exp, { timeout: 20_000, interval: 50 }).toBe(true);
  expect(await refusal(() => present(federation, { by: 'broker', to: 'central', ...early }))).toBe(
    'item expired',
  );
});
