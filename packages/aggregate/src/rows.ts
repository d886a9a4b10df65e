import { assert, limits } from '@causeway/kernel';
import { CausewayError, type Digest, type Disclosure, type Verified } from '@causeway/protocol';
import type { BureauOutcome, CreditRecord, ManifestRow } from '@causeway/records';

/** What came of one bureau in scope: its disclosure where it gave one, else why there is none. */
export interface BureauRow {
  readonly bureau: string;
  readonly outcome: BureauOutcome;
  readonly disclosure?: Verified<Disclosure> | undefined;
  readonly code?: string | undefined;
}

/** A record with where it came from. */
export interface Item<R extends CreditRecord = CreditRecord> {
  readonly bureau: string;
  readonly disclosure: Digest;
  readonly record: R;
}

/** Order by code units: the same on every machine, whatever its locale. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The one order of items: bureau, then record. */
export function byOrigin(a: Item, b: Item): number {
  return byText(a.bureau, b.bureau) || byText(a.record.record_id, b.record.record_id);
}

/**
 * The rows in their one order. Throws CausewayError 'link_mismatch' unless each bureau has one row, each
 * answer its disclosure, and all disclosures answer one inquiry and use on one subject, each signed by its
 * row's bureau.
 */
export function orderedRows(rows: readonly BureauRow[]): BureauRow[] {
  assert(rows.length <= limits.bureausMax, 'more bureaus than an inquiry may reach');
  if (new Set(rows.map((row) => row.bureau)).size !== rows.length) mismatch('a bureau has two rows');
  const first = rows.find((row) => row.disclosure)?.disclosure?.claims;
  for (const { bureau, outcome, disclosure } of rows) {
    const answers = outcome === 'answered' || outcome === 'empty' || outcome === 'not_found';
    if (!disclosure) {
      if (answers) mismatch('an answer comes without its disclosure');
      continue;
    }
    const { claims } = disclosure;
    if (claims.iss !== bureau) mismatch('a disclosure is not of its row');
    if (outcome !== claims.outcome && outcome !== 'stale')
      mismatch('a row says another outcome than its disclosure');
    const together =
      claims.inquiry === first?.inquiry &&
      claims.use === first.use &&
      claims.subject_ref === first.subject_ref;
    if (!together) mismatch('the disclosures do not answer one inquiry');
  }
  return rows.toSorted((a, b) => byText(a.bureau, b.bureau));
}

/** One row per bureau, never silence. */
export function manifestOf(rows: readonly BureauRow[]): ManifestRow[] {
  return rows.map(({ bureau, outcome, disclosure, code }) => ({
    bureau,
    outcome,
    records: disclosure?.claims.records.length ?? 0,
    ...(disclosure ? { as_of: disclosure.claims.as_of, disclosure: disclosure.digest } : {}),
    ...(code === undefined ? {} : { code }),
  }));
}

/**
 * All records in order of origin. Where a bureau sends one record id twice, the highest version stands for
 * it, so that a correction sent beside its original is no second debt.
 */
export function itemsOf(rows: readonly BureauRow[]): Item[] {
  return rows.flatMap(({ bureau, disclosure }) => {
    if (!disclosure) return [];
    const newest = new Map<string, CreditRecord>();
    for (const record of disclosure.claims.records) {
      const key = `${record.record} ${record.record_id}`;
      const known = newest.get(key);
      if (!known || isNewer(record, known)) newest.set(key, record);
    }
    return [...newest.values()]
      .map((record) => ({ bureau, disclosure: disclosure.digest, record }))
      .toSorted(byOrigin);
  });
}

function isNewer(record: CreditRecord, known: CreditRecord): boolean {
  const difference = (record.version ?? 1) - (known.version ?? 1);
  if (difference !== 0) return difference > 0;
  const byDate = byText(record.as_of, known.as_of) || byText(JSON.stringify(record), JSON.stringify(known));
  return byDate > 0;
}

function mismatch(detail: string): never {
  throw new CausewayError('link_mismatch', { detail });
}
