import type { Digest } from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';
import type { Deletion } from '@causeway/records/publishing/index';
import type { LifeRules } from '@causeway/records/life/index';
import type pg from 'pg';

import type { Burial } from './bury.ts';
import { bury } from './bury.ts';
import type { Prior } from './next-version.ts';
import { nextVersion } from './next-version.ts';
import { priorVersions } from './prior-versions.ts';
import type { RecordKey } from './record-key.ts';
import { addSubjects } from './subjects.ts';
import { withdrawnBases } from './withdrawn-bases.ts';
import type { KeyedVersion } from './write-versions.ts';
import { touch, writeFirstVersions, writeVersions } from './write-versions.ts';

/** What a line says of one record: its facts, or that it is deleted at its source. */
export interface StoredRow {
  readonly subjectRef: string;
  readonly kind: 'person' | 'enterprise';
  readonly line: number;
  /** Stored once more, under the reference of its subject in another epoch. */
  readonly again: boolean;
  readonly says: { readonly record: CreditRecord } | { readonly deletion: Deletion };
}

/**
 * A line that was taken, and of which its publisher is to know something: one thing, where there are
 * several.
 */
export interface Warning {
  readonly line: number;
  readonly rule: 'deletion_unknown' | 'deletion_older' | 'past_its_end' | 'returned' | 'basis_withdrawn';
  readonly message: string;
}

/** What storing came to, what is stored once more under another epoch left out. */
export interface Stored {
  readonly deleted: number;
  readonly warnings: readonly Warning[];
}

/** The batch that stores, when, and by which rules. */
interface Storing {
  readonly batch: number;
  readonly statement: Digest | null;
  readonly nowMs: number;
  readonly rules: LifeRules;
  /** The subjects that the store knew when it was asked. */
  readonly known: ReadonlySet<string>;
}

/** The rule on a tombstone where the provider has deleted the record itself. */
const providerDeletion = 'provider.deletion';

/**
 * Stores what lines say, in the caller's transaction. Of several about one record in one chunk the newest
 * counts, and of those of one day the last: what stood between nobody could have seen.
 */
export async function storeRows(
  client: pg.PoolClient,
  rows: readonly StoredRow[],
  at: Storing,
): Promise<Stored> {
  const said = lastOf(rows);
  const strangers = said.filter(({ key }) => !at.known.has(key.subjectRef));
  let first = planned(at, strangers);
  // Subjects before records, in every transaction: two batches that meet wait in one direction only.
  const met = await addSubjects(client, first.versions);
  if (met.size > 0)
    first = planned(
      at,
      strangers.filter(({ key }) => !met.has(key.subjectRef)),
    );
  await writeFirstVersions(client, first.versions, at.batch);
  const others = said.filter(({ key }) => at.known.has(key.subjectRef) || met.has(key.subjectRef));
  const next = await storeBeside(client, others, at);
  const bases = await withdrawnBases(client, rows);
  return {
    deleted: next.deleted,
    warnings: [...bases, ...first.warnings.values(), ...next.warnings.values()],
  };
}

/** Stores what is said of subjects that the store knows, beside what it holds of them. */
async function storeBeside(client: pg.PoolClient, said: readonly Said[], at: Storing): Promise<Plan> {
  const keys = said.map(({ key }) => key);
  const plan = planned(at, said, keys.length > 0 ? await priorVersions(client, keys) : []);
  await touch(client, plan.named, at.batch);
  await writeVersions(client, plan.versions, at.batch);
  await bury(client, plan.burials, at.nowMs);
  return plan;
}

/** `priors`: in the order of what is said; none where nothing is held. */
function planned(at: Storing, said: readonly Said[], priors: readonly (Prior | undefined)[] = []): Plan {
  const plan = new Plan(at);
  for (const [n, each] of said.entries()) plan.add(each, priors[n]);
  return plan;
}

interface Said {
  readonly key: RecordKey;
  readonly row: StoredRow;
}

function lastOf(rows: readonly StoredRow[]): Said[] {
  const last = new Map<string, Said>();
  for (const row of rows) {
    const { record, source_record_id } = factsOf(row);
    const key: RecordKey = { subjectRef: row.subjectRef, record, sourceRecordId: source_record_id };
    const name = `${row.subjectRef}\n${record}\n${source_record_id}`;
    const before = last.get(name);
    if (before === undefined || factsOf(row).as_of >= factsOf(before.row).as_of) last.set(name, { key, row });
  }
  return [...last.values()];
}

const factsOf = ({ says }: StoredRow): Deletion => ('record' in says ? says.record : says.deletion);

/** What is to be written, decided for each record by itself. */
class Plan {
  readonly named: RecordKey[] = [];
  readonly versions: KeyedVersion[] = [];
  readonly burials: Burial[] = [];
  readonly warnings = new Map<number, Warning>();
  deleted = 0;
  readonly #at: Storing;

  constructor(at: Storing) {
    this.#at = at;
  }

  add({ key, row }: Said, prior: Prior | undefined): void {
    const { says } = row;
    if ('record' in says) this.#report(key, row, says.record, prior);
    else this.#delete(key, row, says.deletion, prior);
  }

  #report(key: RecordKey, row: StoredRow, record: CreditRecord, prior: Prior | undefined): void {
    const next = nextVersion(record, prior, { ...this.#at, subjectKind: row.kind });
    if (next.kind === 'version') {
      this.versions.push({ key, kind: row.kind, row: next.row });
      if (next.returned)
        this.#warn(row, 'returned', 'The record was deleted before; it is stored with a mark that says so.');
    } else if (next.kind === 'over') {
      if (prior?.buried === false) this.burials.push({ key, rule: next.rule, asOf: record.as_of });
      this.#warn(row, 'past_its_end', `The record is not kept: its time is over by ${next.rule}.`);
    } else {
      this.named.push(key);
    }
  }

  #delete(key: RecordKey, row: StoredRow, { as_of }: Deletion, prior: Prior | undefined): void {
    if (prior === undefined || prior.buried) {
      this.#warn(row, 'deletion_unknown', 'The record to be deleted is not held here.');
    } else if (as_of < prior.as_of) {
      this.named.push(key);
      this.#warn(row, 'deletion_older', 'The record is held as of a later day, and stays.');
    } else {
      this.burials.push({ key, rule: providerDeletion, asOf: as_of });
      if (!row.again) this.deleted += 1;
    }
  }

  #warn({ again, line }: StoredRow, rule: Warning['rule'], message: string): void {
    if (!again) this.warnings.set(line, { line, rule, message });
  }
}
