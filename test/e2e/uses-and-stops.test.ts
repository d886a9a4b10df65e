import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { accessesOf } from '@causeway/sandbox/story/accesses-of';
import { agree, inquireUnder, usualTerms, type Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { type Lender, Refused, type SignedInquiry, revocationNonce } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callFederation, claimsOf, onlyResult, present, redeemAsBroker } from './federation-call.ts';
import { queryDatabase } from './rows.ts';
import { countsOf, NOBODY, refusedWriting } from './untouched.ts';

let federation: Federation;
let lender: Lender;
const liNa = sandboxSubject('li-na');
const bureaus = ['central', 'lotus', 'harbour'];
const terms = (maxUses: number) => usualTerms(bureaus, maxUses);

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  lender = federation.lender('abc-bank');
});
afterAll(() => stopTestFederation(federation));

const consented = (maxUses: number, subject = liNa): Promise<Agreed> =>
  agree(federation, lender, subject, terms(maxUses));

function signed({ subjectRef, digest: consent }: Agreed, deadlineSeconds = 120): Promise<SignedInquiry> {
  const { categories, purpose } = terms(1);
  return lender.sign({ subjectRef, consent, purpose, categories, operator: 'op-1', deadlineSeconds });
}

async function revoke({ id }: Agreed, subject = liNa): Promise<void> {
  await federation.subject().revoke(id, await federation.idToken(subject, revocationNonce(id)));
}

/** A node that was away during a revocation is told later, and records it: nothing is counted before. */
async function allAreTold(): Promise<void> {
  const open = 'SELECT node FROM status_delivery WHERE acked_ms IS NULL';
  await expect.poll(() => queryDatabase(federation, 'consumer', open), { timeout: 60_000 }).toEqual([]);
}

/**
 * Fifty inquiries at once under one consent: how many got a report, and how many were refused with which
 * code.
 */
async function fiftyAtOnce(agreed: Agreed): Promise<Record<string, number>> {
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () =>
      inquireUnder(lender, agreed, terms(1)).then(
        ({ report }) => (report.claims.exposure.lower_bound ? 'partial' : 'report'),
        (error: unknown) => (error instanceof Refused && error.statement ? error.code : 'failed'),
      ),
    ),
  );
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** Uses of a consent as stored: the count, and the numbers given out. */
async function usesOf({ digest }: Agreed): Promise<{ uses: number; numbers: number[] }> {
  const consent = 'SELECT uses FROM consent WHERE digest = $1';
  const [row] = await queryDatabase<{ uses: string }>(federation, 'consumer', consent, [digest]);
  const given = 'SELECT use FROM consent_use WHERE consent = $1 ORDER BY use';
  const rows = await queryDatabase<{ use: string }>(federation, 'consumer', given, [digest]);
  return { uses: Number(row?.uses), numbers: rows.map(({ use }) => Number(use)) };
}

describe('a consent for so many uses', () => {
  test.each([1, 7])(
    'S38 fifty inquiries at once under a consent for %i: so many reports, no more',
    async (n) => {
      const agreed = await consented(n);
      const before = await countsOf(federation, bureaus);
      const history = (await accessesOf(federation, liNa)).length;
      expect(await fiftyAtOnce(agreed)).toEqual({ report: n, consent_used_up: 50 - n });
      expect(await usesOf(agreed)).toEqual({ uses: n, numbers: Array.from({ length: n }, (_, i) => i + 1) });
      const after = await countsOf(federation, bureaus);
      for (const bureau of bureaus) {
        const [was, is] = [before[bureau] ?? {}, after[bureau] ?? {}];
        expect(is).toEqual({ ...was, answer: (was['answer'] ?? 0) + n, leaves: (was['leaves'] ?? 0) + n });
      }
      const lines = (await accessesOf(federation, liNa)).slice(0, -history || undefined);
      expect(lines.filter(({ outcome }) => outcome === 'refused')).toHaveLength(50 - n);
      expect(new Set(lines.map(({ inquiry }) => inquiry)).size).toBe(50);
    },
  );

  test('S38 one inquiry sent fifty times at once is one use and one report', async () => {
    const agreed = await consented(1);
    const inquiry = await signed(agreed);
    const answers = await Promise.all(Array.from({ length: 50 }, () => lender.submit(inquiry)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await expect
      .poll(async () => (await lender.status(inquiry.id)).state, { timeout: 20_000 })
      .toBe('complete');
    expect((await lender.report(inquiry)).report.claims.use).toBe(1);
    expect(await usesOf(agreed)).toEqual({ uses: 1, numbers: [1] });
  });

  test('S38 fifty redemptions of fifty inquiries at once give one grant', async () => {
    const agreed = await consented(1);
    const inquiries = await Promise.all(Array.from({ length: 50 }, () => signed(agreed)));
    const items = inquiries.map(({ jws }) => ({ inquiry: jws }));
    const call = { by: 'broker', to: 'consumer', path: '/v1/grants', body: { items } };
    const { body } = await callFederation(federation, call);
    const codes = (body['results'] as { code?: string }[]).map(({ code }) => code ?? 'granted').toSorted();
    expect(codes).toEqual([...Array.from({ length: 49 }, () => 'consent_used_up'), 'granted']);
    expect(await usesOf(agreed)).toEqual({ uses: 1, numbers: [1] });
  });
});

describe('a consent revoked while inquiries wait', () => {
  const waiting = 10;

  test('S37 accepted, then revoked, then run: refused, and no bureau is asked', async () => {
    const agreed = await consented(50);
    const told = { received_status: 1, subject_status: 1, leaves: 1 };
    const besides = Object.fromEntries(bureaus.map((bureau) => [bureau, told]));
    await refusedWriting(federation, besides, () => revokedWhileWaiting(agreed));
    expect(await usesOf(agreed)).toEqual({ uses: 0, numbers: [] });
    const lines = (await accessesOf(federation, liNa)).slice(0, waiting);
    expect(lines.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual(
      Array.from({ length: waiting }, () => 'refused consent_revoked'),
    );
  });

  async function revokedWhileWaiting(agreed: Agreed): Promise<void> {
    // With the consumer service away the broker accepts and cannot start; then the broker itself is away.
    await federation.process('consumer').kill();
    const inquiries = await Promise.all(Array.from({ length: waiting }, () => signed(agreed)));
    for (const inquiry of inquiries) expect((await lender.submit(inquiry)).state).toBe('accepted');
    await federation.process('broker').kill();
    await federation.process('consumer').start();
    await revoke(agreed);
    await federation.process('broker').start();
    for (const inquiry of inquiries) {
      await expect.poll(() => stateOf(inquiry), { timeout: 60_000 }).toBe('refused consent_revoked');
      await expect(lender.report(inquiry)).rejects.toMatchObject({ code: 'consent_revoked' });
    }
  }

  test('S37 a bureau that is asked again after the revocation gets no grant any more', async () => {
    const agreed = await consented(5);
    const { jws } = await signed(agreed);
    const { result } = await redeemAsBroker(federation, jws);
    expect(result.use).toBe(1);
    await revoke(agreed);
    const renewed = await refusedWriting(
      federation,
      { ...NOBODY, consumer: { refusal: 1, access: 1, leaves: 1 } },
      () => redeemAsBroker(federation, jws, ['central']),
    );
    expect(renewed.result).toMatchObject({ code: 'consent_revoked' });
    expect(claimsOf(String(renewed.result.refusal))).toMatchObject({ code: 'consent_revoked', use: 1 });
  });

  test('S37 a finished report and its evidence are not handed out again after the revocation', async () => {
    const agreed = await consented(5);
    const answered = await inquireUnder(lender, agreed, terms(5));
    await revoke(agreed);
    await allAreTold();
    const besides = { ...NOBODY, consumer: { refusal: 1, access: 1, leaves: 1 } };
    await refusedWriting(federation, besides, async () => {
      for (const fetch of [() => lender.report(answered), () => lender.evidence(answered.id)]) {
        await expect(fetch()).rejects.toMatchObject({ code: 'consent_revoked' });
      }
    });
  });

  test('S37 grants that were given before and are presented after they lapsed release nothing', async () => {
    const agreed = await consented(5);
    const { jws } = await signed(agreed);
    const { grant } = await redeemAsBroker(federation, jws);
    await revoke(agreed);
    const exp = Number(claimsOf(grant('lotus'))['exp']) * 1000;
    await expect.poll(() => Date.now() >= exp, { timeout: 20_000 }).toBe(true);
    await allAreTold();
    const item = { by: 'broker', to: 'lotus', inquiry: jws, grant: grant('lotus') };
    const answer = await refusedWriting(federation, NOBODY, () => present(federation, item));
    expect(onlyResult(answer)).toMatchObject({ error: { code: 'expired' } });
  });

  async function stateOf({ id }: SignedInquiry): Promise<string> {
    const { state, code } = await lender.status(id);
    return `${state} ${code}`;
  }
});
