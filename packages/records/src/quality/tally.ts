import { dayNumber, daysInMonth, isDate } from '@causeway/kernel';
import type { CreditRecord } from '../record.ts';
import { checkConsistency } from './consistency.ts';
import { expectedFields } from './expected-fields.ts';
import { timelyDays } from './weights.ts';

/** Counts by name: `lines`, `rejected.<rule>`, `expected.<kind>`, … as docs/quality.md lists them. */
export type QualityCounts = ReadonlyMap<string, number>;

interface Fields {
  records: number;
  expected: number;
  present: number;
}

interface Checks {
  checked: number;
  broken: number;
}

/** Counts what the index of data quality is made of, line by line, for files that came on one day. */
export class QualityTally {
  readonly #receivedOn: string;
  readonly #receivedDay: number;
  #lines = 0;
  readonly #rejected = new Map<string, number>();
  readonly #kinds = new Map<string, Fields>();
  readonly #rules = new Map<string, Checks>();
  readonly #timely = new Map<string, number>();
  /** The bucket of each day that records name; a file names few. */
  readonly #buckets = new Map<string, string>();

  /** `receivedOn`: a full date. @throws RangeError for a day that does not exist */
  constructor(receivedOn: string) {
    this.#receivedOn = receivedOn;
    this.#receivedDay = dayNumber(receivedOn);
  }

  get counts(): QualityCounts {
    const kinds = [...this.#kinds].flatMap(([kind, fields]) => named(kind, { ...fields }));
    const rules = [...this.#rules].flatMap(([rule, checks]) => named(rule, { ...checks }));
    const rejected = [...this.#rejected].map(([rule, n]) => [`rejected.${rule}`, n] as const);
    const all = [['lines', this.#lines] as const, ...rejected, ...kinds, ...rules, ...this.#timely];
    return new Map(all.filter(([, n]) => n > 0));
  }

  line(records: readonly CreditRecord[]): void {
    this.#lines += 1;
    for (const record of records) this.#record(record);
  }

  rejected(rule: string): void {
    this.#lines += 1;
    this.#rejected.set(rule, (this.#rejected.get(rule) ?? 0) + 1);
  }

  #record(record: CreditRecord): void {
    this.#fields(record);
    const bucket = this.#bucketOf(record.as_of);
    this.#timely.set(bucket, (this.#timely.get(bucket) ?? 0) + 1);
    checkConsistency(record, this.#receivedOn, this.#tell);
  }

  #fields(record: CreditRecord): void {
    let counts = this.#kinds.get(record.record);
    if (counts === undefined) {
      counts = { records: 0, expected: 0, present: 0 };
      this.#kinds.set(record.record, counts);
    }
    counts.records += 1;
    for (const field of expectedFields(record)) {
      if (Object.hasOwn(record, field)) counts.present += 1;
      else if (record.absent?.[field] === 'not_applicable') continue;
      counts.expected += 1;
    }
  }

  readonly #tell = (rule: string, holds: boolean): void => {
    let counts = this.#rules.get(rule);
    if (counts === undefined) {
      counts = { checked: 0, broken: 0 };
      this.#rules.set(rule, counts);
    }
    counts.checked += 1;
    if (!holds) counts.broken += 1;
  };

  #bucketOf(asOf: string): string {
    const known = this.#buckets.get(asOf);
    if (known !== undefined) return known;
    const late = this.#receivedDay - lastDay(asOf);
    const bucket = `timely.${timelyDays.find((days) => late <= days) ?? 'later'}`;
    this.#buckets.set(asOf, bucket);
    return bucket;
  }
}

/** `expected.account` and its like. */
const named = (what: string, counts: Readonly<Record<string, number>>): (readonly [string, number])[] =>
  Object.entries(counts).map(([family, n]) => [`${family}.${what}`, n] as const);

/** The last day that a date of any precision may mean. A day that does not exist counts as long past. */
function lastDay(asOf: string): number {
  const month = `${asOf}-12`.slice(0, 7);
  const last = daysInMonth(Number(month.slice(0, 4)), Number(month.slice(5)));
  const day = asOf.length === 10 ? asOf : `${month}-${last}`;
  return isDate(day) ? dayNumber(day) : 0;
}
