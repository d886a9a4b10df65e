import { readFileSync } from 'node:fs';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { type Agreed, agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { AnsweredInquiry, Lender, SignedInquiry } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { queryDatabase } from '../e2e/rows.ts';
import { FakeBureau, type Manner } from './fake-bureau.ts';

const AT_ONCE = 12;
const DEADLINE_S = 5;
const OTHERS = ['central', 'lotus'];
const GROWTH_MB_MAX = 300;

let federation: Federation;
let lender: Lender;
let agreed: Agreed;
let harbour: FakeBureau;
/** How long the other bureaus' answers took when all was well, in the middle. */
let usualMs: number;
const terms = usualTerms(['central', 'lotus', 'harbour'], 1000);

beforeAll(async () => {
  federation = await startTestFederation();
  lender = federation.lender('abc-bank');
  agreed = await agree(federation, lender, sandboxSubject('li-na'), terms);
  harbour = await FakeBureau.insteadOf(federation, 'harbour');
  // Connections that were open to the bureau before are found to be gone.
  await vi.waitUntil(async () => (await askAll()).every(complete), { timeout: 60_000, interval: 200 });
  usualMs = await othersTook(await askAll());
});
afterAll(async () => {
  await harbour.stop();
  await stopTestFederation(federation);
});

const sign = async (): Promise<SignedInquiry> => {
  const { purpose, categories } = terms;
  const { subjectRef, digest: consent } = agreed;
  const question = { subjectRef, consent, purpose, categories, operator: 'op-1' };
  return lender.sign({ ...question, deadlineSeconds: DEADLINE_S });
};

/** Twelve inquiries at once, each with its verified report. */
async function askAll(): Promise<AnsweredInquiry[]> {
  return Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const inquiry = await sign();
      await lender.submit(inquiry);
      const ended = async () => /complete|partial/.test((await lender.status(inquiry.id)).state);
      await vi.waitUntil(ended, { timeout: 30_000, interval: 200 });
      return lender.report(inquiry);
    }),
  );
}

const rowOf = ({ report }: AnsweredInquiry, bureau: string) =>
  report.claims.manifest.find((row) => row.bureau === bureau);
const complete = (answered: AnsweredInquiry): boolean => rowOf(answered, 'harbour')?.outcome === 'not_found';

/** Milliseconds from the acceptance of an inquiry to an honest bureau's stored answer: the median. */
async function othersTook(answered: readonly AnsweredInquiry[]): Promise<number> {
  const rows = await queryDatabase<{ ms: number }>(
    federation,
    'broker',
    `SELECT (d.received_ms - i.accepted_ms)::int AS ms
       FROM inquiry_disclosure d JOIN inquiry i USING (inquiry)
      WHERE i.digest = ANY($1) AND d.bureau = ANY($2) ORDER BY 1`,
    [answered.map(({ digest }) => digest), OTHERS],
  );
  if (rows.length !== answered.length * OTHERS.length) throw new Error('another bureau has not answered');
  return rows[Math.floor(rows.length / 2)]?.ms ?? 0;
}

/** What the broker's process holds in memory. */
function residentMb(): number {
  const status = readFileSync(`/proc/${federation.process('broker').pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** Attempts that the broker counts for these inquiries at the bureau, whether they reached it or not. */
async function attempts(answered: readonly AnsweredInquiry[]): Promise<number> {
  const [row] = await queryDatabase<{ n: number }>(
    federation,
    'broker',
    `SELECT sum(b.attempt)::int AS n FROM inquiry_bureau b JOIN inquiry i USING (inquiry)
      WHERE i.digest = ANY($1) AND b.bureau = 'harbour'`,
    [answered.map(({ digest }) => digest)],
  );
  return row?.n ?? 0;
}

describe('S86 a bureau that is slow, broken or lies', () => {
  test.each<Manner>([
    'silent',
    'one byte a second',
    'broken',
    'signed wrongly',
    'about another inquiry',
    'a gigabyte',
  ])(
    'S86 %s: the others answer as ever, and the report never says that it has no record',
    async (manner) => {
      const [memory, callsBefore] = [residentMb(), harbour.calls];
      harbour.manner = manner;
      const answered = await askAll();
      harbour.manner = 'honest';
      const said = answered.map((each) => rowOf(each, 'harbour')?.outcome);
      expect(said.filter((outcome) => outcome !== 'timeout' && outcome !== 'error')).toEqual([]);
      const others = answered.flatMap((each) => OTHERS.map((bureau) => rowOf(each, bureau)?.outcome));
      expect(new Set(others)).toEqual(new Set(['not_found']));
      expect(await othersTook(answered)).toBeLessThan(2 * usualMs + 500);
      expect(residentMb() - memory).toBeLessThan(GROWTH_MB_MAX);
      // The breaker answers for the bureau while it is open: not every attempt gets as far as the wire.
      expect(harbour.calls - callsBefore).toBeLessThan(await attempts(answered));
      await vi.waitUntil(async () => (await askAll()).every(complete), { timeout: 30_000, interval: 200 });
    },
    90_000,
  );
});
