import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identifier } from '@causeway/records';
import type { Lender } from '@causeway/sdk';
import { Federation } from '../federation.ts';
import type { PlannedMember } from '../plan.ts';
import { agreeAs, inquireUnder, usualTerms } from '../story/consented-inquiry.ts';
import { readBerka } from './berka-files.ts';
import { type Island, ISLANDS, berkaIslands } from './berka-islands.ts';
import { syntheticBerka } from './synthetic-berka.ts';

/** What the run over three islands found. Counts by bureau name; `total_ms` from start to the last report. */
export interface BerkaResult {
  records: Record<string, number>;
  subjects: Record<string, number>;
  inquiries: number;
  complete: number;
  same_debt: number;
  total_ms: number;
}

export interface BerkaOptions {
  home: string;
  /** Folder with the bank's tab-separated tables. */
  data: string;
  onProgress: (step: string) => void;
  portBase?: number;
  fsync?: boolean;
  redisUrl?: string;
}

const BUREAUS: PlannedMember[] = ISLANDS.map((id) => ({
  id,
  role: 'bureau',
  legalName: `The ${id} bureau`,
  legalNameZh: { lending: '信贷征信', card: '信用卡征信', payments: '支付征信' }[id],
  class: 'A',
}));

/** People asked about at the same time: enough to keep two cores busy, few enough to see progress. */
const IN_FLIGHT = 16;
const PROGRESS_EVERY = 500;

/** Publishes the three islands, asks every known person for consent and runs one inquiry for each. */
export async function runBerka(options: BerkaOptions): Promise<BerkaResult> {
  const startedAt = performance.now();
  const { home, onProgress } = options;
  const data = await folderOrSynthetic(options);
  const islands = berkaIslands(await readBerka(data));
  const { data: _, ...federationOptions } = options;
  const federation = await Federation.start({ ...federationOptions, home, bureaus: BUREAUS });
  try {
    const records = await publishAll(federation, islands, onProgress);
    const people = [...new Set(islands.flatMap((island) => [...island.people]))];
    const counts = await inquireAll(federation, people, onProgress);
    const { any, all, ...bySubject } = counts.subjects;
    return {
      records,
      subjects: { ...bySubject, any, all },
      inquiries: people.length,
      complete: counts.complete,
      same_debt: counts.sameDebt,
      total_ms: Math.round(performance.now() - startedAt),
    };
  } finally {
    await federation.stop();
  }
}

async function folderOrSynthetic({ data, home, onProgress }: BerkaOptions): Promise<string> {
  if (existsSync(join(data, 'client.tsv'))) return data;
  onProgress(`no tables in ${data}; running on a synthetic set of the same shape`);
  return syntheticBerka(join(home, 'synthetic'));
}

async function publishAll(
  federation: Federation,
  islands: readonly Island[],
  onProgress: (step: string) => void,
): Promise<Record<string, number>> {
  const counts = await Promise.all(
    islands.map(async ({ name, tsv }) => {
      const publisher = federation.publisher(name);
      const file = new URL(`../../../../test/berka/${name}.mapping.json`, import.meta.url);
      const mapping = await publisher.mapping(await readFile(file, 'utf8'));
      const bytes = new TextEncoder().encode(tsv);
      const result = await publisher.file(mapping, 'text/tab-separated-values', bytes);
      onProgress(`${name}: ${result.accepted} records about ${result.subjects} people`);
      return [name, result.accepted] as const;
    }),
  );
  return Object.fromEntries(counts);
}

interface Counts {
  subjects: Record<string, number> & { any: number; all: number };
  complete: number;
  sameDebt: number;
  done: number;
}

async function inquireAll(
  federation: Federation,
  people: readonly string[],
  onProgress: (step: string) => void,
): Promise<Counts> {
  const lender = federation.lender(federation.card.lenders[0] ?? '');
  const bureaus = Object.fromEntries(ISLANDS.map((name) => [name, 0]));
  const counts: Counts = { subjects: { ...bureaus, any: 0, all: 0 }, complete: 0, sameDebt: 0, done: 0 };
  const identifiers = people.map((value) => ({ scheme: 'gb11643' as const, value }));
  const refs = await lender.subjectRefs(identifiers);
  const queue = identifiers.entries();
  const worker = async (): Promise<void> => {
    for (const [at, identifier] of queue) {
      count(counts, await inquireOne(federation, lender, { identifier, subjectRef: refs[at] ?? '' }));
      if (counts.done % PROGRESS_EVERY === 0) onProgress(`${counts.done} of ${people.length} reports`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return counts;
}

async function inquireOne(
  federation: Federation,
  lender: Lender,
  person: { identifier: Identifier; subjectRef: string },
) {
  const terms = usualTerms(federation.card.bureaus, 1);
  const agreed = await agreeAs(federation, lender, person, terms);
  return (await inquireUnder(lender, agreed, terms)).report.claims;
}

function count(counts: Counts, claims: Awaited<ReturnType<typeof inquireOne>>): void {
  const answered = claims.manifest.filter(({ outcome }) => outcome === 'answered');
  for (const { bureau } of answered) counts.subjects[bureau] = (counts.subjects[bureau] ?? 0) + 1;
  counts.done += 1;
  counts.subjects.any += answered.length > 0 ? 1 : 0;
  counts.subjects.all += answered.length === ISLANDS.length ? 1 : 0;
  counts.complete += claims.exposure.lower_bound ? 0 : 1;
  counts.sameDebt += claims.merged.same_debts.length;
}
