import { dayNumber, daysInMonth, isDate } from '@causeway/kernel';
import type { CreditRecord } from '../record.ts';
import { checkConsistency } from './consistency.ts';
import { expectedFields } from './expected-fields.ts';
import { timelyDays } from './weights.ts';

/** Counts by name: `lines`, `rejected.<rule>`, `expected.<kind>`, … as docs/quality.md lists them. */
export type QualityCounts = ReadonlyMap<string, number>;

/** Counts what the index of data quality is made of, line by line, for files that came on one day. */
export class QualityTally {
  readonly #receivedOn: string;
  readonly #receivedDay: number;
  readonly #counts = new Map<string, number>();
  /** The bucket of each day that records name; a file names few. */
  readonly #buckets = new Map<string, string>();

  /** `receivedOn`: a full date. @throws RangeError for a day that does not exist */
  constructor(receivedOn: string) {
    this.#receivedOn = receivedOn;
    this.#receivedDay = dayNumber(receivedOn);
  }

  get counts(): QualityCounts {
    return this.#counts;
  }

  line(records: readonly CreditRecord[]): void {
    this.#add('lines');
    for (const record of records) this.#record(record);
  }

  rejected(rule: string): void {
    this.#add('lines');
    this.#add(`rejected.${rule}`);
  }

  #record(record: CreditRecord): void {
    const fields = expectedFields(record);
    let [expected, present] = [0, 0];
    for (const field of fields) {
      if (Object.hasOwn(record, field)) present += 1;
      else if (record.absent?.[field] === 'not_applicable') continue;
      expected += 1;
    }
    this.#add(`records.${record.record}`);
    if (expected > 0) this.#add(`expected.${record.record}`, expected);
    if (present > 0) this.#add(`present.${record.record}`, present);
    this.#add(this.#bucketOf(record.as_of));
    checkConsistency(record, this.#receivedOn, (rule, holds) => {
      this.#add(`checked.${rule}`);
      if (!holds) this.#add(`broken.${rule}`);
    });
  }

  #bucketOf(asOf: string): string {
    const known = this.#buckets.get(asOf);
    if (known !== undefined) return known;
    const late = this.#receivedDay - lastDay(asOf);
    const bucket = `timely.${timelyDays.find((days) => late <= days) ?? 'later'}`;
    this.#buckets.set(asOf, bucket);
    return bucket;
  }

  #add(name: string, n = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + n);
  }
}

/** The last day that a date of any precision may mean. A day that does not exist counts as long past. */
function lastDay(asOf: string): number {
  const month = `${asOf}-12`.slice(0, 7);
  const last = daysInMonth(Number(month.slice(0, 4)), Number(month.slice(5)));
  const day = asOf.length === 10 ? asOf : `${month}-${last}`;
  return isDate(day) ? dayNumber(day) : 0;
}
