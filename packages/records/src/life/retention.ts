import { addDays, addMonths, endOfDay, isPartialDate, lastDayOf } from '@causeway/kernel';
import type { PDate } from '@causeway/kernel';
import type { SubjectKind } from '../faults.ts';
import type { CreditRecord } from '../record.ts';
import type { ClockField, Effect, LifeRules, RetentionRule } from './rules.ts';

/** What rules are asked about: a record, whose it is, and what all reports of it said together. */
export interface Lived {
  readonly record: CreditRecord;
  readonly kind: SubjectKind;
  /** Of all versions; a later version cannot make a debt younger. */
  readonly delinquentSince?: PDate | undefined;
  /** The most that any report of the same adverse behaviour said was overdue, in minor units. */
  readonly overdueMax?: string | undefined;
}

/** One end that a rule sets: from `ms` on (since the epoch) its effect holds; `on` is the last day before. */
export interface Fate {
  readonly rule: string;
  readonly effect: Effect;
  readonly on: PDate;
  readonly ms: number;
}

/** From the mildest to the strictest. */
const strictness: Readonly<Record<Effect, number>> = { suppress: 1, archive: 2, delete: 3 };

/** Years beyond it are the "no end" of some systems, and a clock does not reach them. */
const lastYear = 9000;

/** Every end that a rule sets for a record, the earliest first and of those on one day the strictest. */
export function fatesOf(lived: Lived, { retention }: LifeRules): Fate[] {
  const fates = retention.flatMap((rule) => fateUnder(rule, lived) ?? []);
  return fates.toSorted((a, b) => a.ms - b.ms || strictness[b.effect] - strictness[a.effect]);
}

/** The strictest of the effects that hold at an instant; undefined before the first end. */
export function effectAt(fates: readonly Fate[], ms: number): Fate | undefined {
  const due = fates.filter((fate) => fate.ms <= ms);
  return due.toSorted((a, b) => strictness[b.effect] - strictness[a.effect])[0];
}

function fateUnder(rule: RetentionRule, lived: Lived): Fate | undefined {
  if (!governs(rule, lived)) return undefined;
  const start = rule.from.map((field) => dateIn(field, lived)).find((date) => date !== undefined);
  if (start === undefined || Number(start.slice(0, 4)) > lastYear) return undefined;
  if (start < rule.inForceFrom && !rule.appliesToRunning) return undefined;
  const on = addMonths(addDays(start, rule.plusDays ?? 0), rule.plusMonths);
  return { rule: rule.id, effect: rule.effect, on, ms: endOf(on, rule.zone) };
}

function governs({ of, subjects }: RetentionRule, { kind, record }: Lived): boolean {
  if (!subjects.includes(kind)) return false;
  if (of.adverse && record.is_adverse !== true) return false;
  if (of.record !== undefined && record.record !== of.record) return false;
  const sort = 'kind' in record ? record.kind : '';
  return of.kinds?.includes(sort) !== false && of.otherThan?.includes(sort) !== true;
}

/** The last day that a date of the record can mean: a month means its end. */
function dateIn(field: ClockField, { delinquentSince, record }: Lived): PDate | undefined {
  const reported: unknown = field in record ? Reflect.get(record, field) : undefined;
  const date = typeof reported === 'string' && isPartialDate(reported) ? lastDayOf(reported) : undefined;
  if (field !== 'first_delinquency_on' || delinquentSince === undefined) return date;
  const first = lastDayOf(delinquentSince);
  return date === undefined || first < date ? first : date;
}

/**
 * The earlier of two dates, each of which may be missing: what a debt's clock runs from when a version
 * reports another first delinquency.
 */
export function earliestDate(a: PDate | undefined, b: PDate | undefined): PDate | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return lastDayOf(b) < lastDayOf(a) ? b : a;
}

const remembered = new Map<string, number>();
const rememberedMax = 20_000;

/** Asking the calendar of a zone is slow, and a file names the same few days again and again. */
function endOf(date: PDate, zone: string): number {
  const key = `${date} ${zone}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  if (remembered.size >= rememberedMax) remembered.clear();
  const ms = endOfDay(date, zone);
  remembered.set(key, ms);
  return ms;
}
