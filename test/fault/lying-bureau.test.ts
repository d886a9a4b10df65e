import { readFileSync } from 'node:fs';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { type Agreed, agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { AnsweredInquiry, Lender } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { queryDatabase } from '../e2e/rows.ts';
import { FakeBureau, type Manner } from './fake-bureau.ts';

const AT_ONCE = 12;
const DEADLINE_S = 3;
const OTHERS = ['central', 'lotus'];
const GROWTH_MB_MAX = 300;

let federation: Federation;
let lender: Lender;
/** A consent that names all three bureaus, and one that names only the honest ones. */
let agreed: Agreed;
let elsewhere: Agreed;
let harbour: FakeBureau;
const terms = usualTerms(['central', 'lotus', 'harbour'], 1000);

beforeAll(async () => {
  federation = await startTestFederation();
  lender = federation.lender('abc-bank');
  agreed = await agree(federation, lender, sandboxSubject('li-na'), terms);
  const without = usualTerms(OTHERS, 1000);
  elsewhere = await agree(federation, lender, sandboxSubject('li-na'), without);
  harbour = await FakeBureau.insteadOf(federation, 'harbour');
  // Connections that were open to the bureau before are found to be gone.
  await vi.waitUntil(async () => (await askAll(agreed)).every(complete), { timeout: 60_000, interval: 200 });
});
afterAll(async () => {
  await harbour.stop();
  await stopTestFederation(federation);
});

/** An inquiry about this consent, sent, and waited for until it has its verified report. */
async function ask({ subjectRef, digest: consent }: Agreed): Promise<AnsweredInquiry> {
  const { purpose, categories } = terms;
  const question = { subjectRef, consent, purpose, categories, operator: 'op-1' };
  const inquiry = await lender.sign({ ...question, deadlineSeconds: DEADLINE_S });
  await lender.submit(inquiry);
  const ended = async () => /complete|partial/.test((await lender.status(inquiry.id)).state);
  await vi.waitUntil(ended, { timeout: 30_000, interval: 200 });
  return lender.report(inquiry);
}

/** So many inquiries at once under this consent. */
const askAll = async (consent: Agreed): Promise<AnsweredInquiry[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, async () => ask(consent)));

const rowOf = ({ report }: AnsweredInquiry, bureau: string) =>
  report.claims.manifest.find((row) => row.bureau === bureau);
const complete = (answered: AnsweredInquiry): boolean => rowOf(answered, 'harbour')?.outcome === 'not_found';

/** Milliseconds from acceptance to report: the median. */
async function took(answered: readonly AnsweredInquiry[]): Promise<number> {
  const rows = await queryDatabase<{ ms: number }>(
    federation,
    'broker',
    'SELECT (finished_ms - accepted_ms)::int AS ms FROM inquiry WHERE digest = ANY($1) ORDER BY 1',
    [answered.map(({ digest }) => digest)],
  );
  return rows[Math.floor(rows.length / 2)]?.ms ?? Infinity;
}

/** What the broker's process holds in memory. */
function residentMb(): number {
  const status = readFileSync(`/proc/${federation.process('broker').pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** How often the broker has let the breaker answer for the bureau. */
function shortCircuits(): number {
  const lines = readFileSync(federation.process('broker').logFile, 'utf8').split('\n');
  return lines.filter((line) => line.includes('"bureau":"harbour"') && line.includes('breaker open')).length;
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
    'S86 %s: the others are unaffected, the breaker opens, and it never says "no record"',
    async (manner) => {
      const [, before] = await Promise.all([askAll(agreed), askAll(elsewhere)]);
      const [memory, breaks] = [residentMb(), shortCircuits()];
      harbour.manner = manner;
      const [answered, bystanders] = await Promise.all([askAll(agreed), askAll(elsewhere)]);
      const growth = residentMb() - memory;
      // Each call asks for many at once, and a silent one takes its whole time: some more may be needed.
      const opens = async (): Promise<boolean> => {
        if (shortCircuits() > breaks) return true;
        await askAll(agreed);
        return false;
      };
      await vi.waitUntil(opens, { timeout: 40_000, interval: 10 });
      harbour.manner = 'honest';
      const said = answered.map((each) => rowOf(each, 'harbour')?.outcome);
      expect(said.filter((outcome) => outcome !== 'timeout' && outcome !== 'error')).toEqual([]);
      const others = answered.flatMap((each) => OTHERS.map((bureau) => rowOf(each, bureau)?.outcome));
      expect(new Set(others)).toEqual(new Set(['not_found']));
      // Far below what the bureau's own silence lasts, on a busy machine too.
      expect(await took(bystanders)).toBeLessThan(2 * (await took(before)) + 1000);
      expect(growth).toBeLessThan(GROWTH_MB_MAX);
      const well = async () => (await askAll(agreed)).every(complete);
      await vi.waitUntil(well, { timeout: 30_000, interval: 200 });
    },
    90_000,
  );
});
