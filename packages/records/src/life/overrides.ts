import { addDays, addMonths, endOfDay, isPartialDate, lastDayOf } from '@causeway/kernel';
import type { PDate } from '@causeway/kernel';
import type { AccountRecord } from '../record.ts';
import type { RepaymentHistory } from '../repayment.ts';
import type { Lived } from './retention.ts';
import type { DisplayOverride } from './rules.ts';

/** When an override begins to hold for a record, and when it ends; `untilMs` undefined means for good. */
export interface OverrideSpan {
  readonly fromMs: number;
  readonly untilMs: number | undefined;
}

/**
 * The span in which an override holds for a record, or undefined where it never does. What is not known to be
 * small is not repaired.
 */
export function spanOf(rule: DisplayOverride, { kind, overdueMax, record }: Lived): OverrideSpan | undefined {
  if (record.record !== 'account' || !rule.subjects.includes(kind)) return undefined;
  if (record.currency !== rule.currency || record.is_adverse !== true) return undefined;
  const { adverse_ended_on: ended, adverse_started_on: started } = record;
  if (started === undefined || ended === undefined) return undefined;
  if (!isPartialDate(started) || !isPartialDate(ended)) return undefined;
  const paid = lastDayOf(ended);
  if (lastDayOf(started) > rule.arisenTo || firstDayOf(started) < rule.arisenFrom) return undefined;
  if (paid > rule.repaidBy || !isSmall(record, overdueMax, rule)) return undefined;
  const fromMs =
    paid <= rule.early
      ? endOfDay(addDays(rule.earlyFrom, -1), rule.zone)
      : endOfDay(lastDayOf(addMonths(paid.slice(0, 7), 1)), rule.zone);
  return { fromMs, untilMs: rule.to === undefined ? undefined : endOfDay(rule.to, rule.zone) };
}

/** The first day that a date of any precision can mean. */
const firstDayOf = (date: PDate): PDate => `${date}-01-01`.slice(0, 10);

/**
 * True where amounts that were overdue in the window are known, and none is above the limit: of each month,
 * or the most that any report of the behaviour said.
 */
function isSmall(
  { history, overdue_total }: AccountRecord,
  overdueMax: string | undefined,
  rule: DisplayOverride,
): boolean {
  const monthly = history?.overdue?.length === history?.states.length ? history : undefined;
  const late = (monthly === undefined ? [] : monthsOf(monthly)).filter(
    ({ code, month }) => isLate(code) && month >= monthOf(rule),
  );
  const told = [...late.map(({ overdue }) => overdue), overdueMax ?? '0', overdue_total ?? '0'].map(BigInt);
  return told.some((amount) => amount > 0n) && told.every((amount) => amount <= rule.amountMaxMinor);
}

/**
 * As the override shows an account: status normal, nothing overdue, and no trace of why, not even in the
 * order of its members.
 */
export function repaired(record: AccountRecord, rule: DisplayOverride): AccountRecord {
  const { history, overdue_terms, overdue_total, status } = record;
  const shown: Partial<AccountRecord> = {
    ...(status === 'overdue' ? { status: 'normal' } : {}),
    ...(overdue_total === undefined ? {} : { overdue_total: '0' }),
    ...(overdue_terms === undefined ? {} : { overdue_terms: 0 }),
    ...(history === undefined ? {} : { history: repairedHistory(history, rule) }),
  };
  const copy: AccountRecord = { ...record };
  for (const field of traces) delete copy[field];
  if (copy.class5 !== 'normal') delete copy.class5;
  return Object.assign(copy, shown);
}

/** What would tell that something was overdue, in the bureau's words or in the source's own. */
const traces = [
  ...(['is_adverse', 'adverse_started_on', 'adverse_ended_on', 'first_delinquency_on'] as const),
  ...(['notice_id', 'notice_exemption', 'expires_on', 'retention_rule', 'overdue_principal'] as const),
  ...(['status_native', 'native', 'native_ext', 'native_scheme'] as const),
];

function repairedHistory(history: RepaymentHistory, rule: DisplayOverride): RepaymentHistory {
  const { native: _, ...kept } = history;
  const months = monthsOf(history).map((each) =>
    isLate(each.code) && each.month >= monthOf(rule) ? { code: 'N', overdue: '0' } : each,
  );
  const overdue = history.overdue && { overdue: months.map((each) => each.overdue) };
  return { ...kept, states: months.map(({ code }) => code).join(''), ...overdue };
}

const monthOf = ({ arisenFrom }: DisplayOverride): PDate => arisenFrom.slice(0, 7);

const isLate = (code: string): boolean => /^[M1-7B]$/u.test(code);

function monthsOf({ overdue, states, to }: RepaymentHistory) {
  return [...states].map((code, at) => ({
    ...{ code, month: addMonths(to, at + 1 - states.length) },
    overdue: overdue?.[at] ?? '0',
  }));
}
