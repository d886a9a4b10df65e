import { childOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import { readAccountEvents } from './account-events.ts';
import { readAccountHistory } from './account-history.ts';
import {
  accountTypes,
  businessKinds,
  class5,
  frequencies,
  institutionTypes,
  jointRoles,
  meaningIn,
  securityKinds,
  statesByType,
  typesByBusiness,
} from './codes.ts';
import { Draft, field, kept, passed, textOf } from './draft.ts';
import type { TagRule } from './draft.ts';
import { readMarks } from './marks.ts';
import { amount, coded, count, currencyCode, date, dayOfTime, reference } from './readings.ts';
import type { Reader } from './readings.ts';
import type { Report } from './report.ts';

/** PD01 of a personal report, ED01 of an enterprise's: the tags differ by their first letters only. */
export type AccountSegment = 'PD01' | 'ED01';

const state: Reader = (text, draft) =>
  coded(statesByType[draft.native['type'] ?? ''] ?? {}, 'unknown')(text, draft);

/** Sub-segment A. The currency comes first: the amounts are read in it. */
const basics = (p: AccountSegment): TagRule[] => [
  field(`${p}AI01`, 'account_ref', reference),
  field(`${p}AD01`, 'type', coded(accountTypes)),
  field(`${p}AD02`, 'lender_type', coded(institutionTypes, 'unknown')),
  field(`${p}AI02`, 'lender_ref', reference),
  ...kept(`${p}AI04`, `${p}AD05`, `${p}AD08`, `${p}AD10`),
  field(`${p}AD03`, 'business_kind', coded(businessKinds, 'unknown')),
  field(`${p}AR01`, 'opened', date),
  ...passed(`${p}AD04`),
  field(`${p}AJ01`, 'original', amount),
  field(`${p}AJ02`, 'limit', amount),
  field(`${p}AJ03`, 'shared_limit', amount),
  field(`${p}AR02`, 'due', date),
  field(`${p}AD06`, 'repayment_frequency', coded(frequencies)),
  field(`${p}AS01`, 'term_count', count),
  field(`${p}AD07`, 'security_kind', coded(securityKinds, 'unknown')),
  field(`${p}AD09`, 'joint_role', coded(jointRoles, 'unknown')),
];

/** Sub-segment B: the latest state. */
const latest = (p: AccountSegment): TagRule[] => [
  field(`${p}BD01`, 'status', state),
  field(`${p}BR01`, 'closed', date),
  field(`${p}BJ01`, 'balance', amount),
  field(`${p}BR02`, 'last_paid_on', date),
  field(`${p}BD03`, 'class5', coded(class5)),
  ...kept(`${p}BJ02`, `${p}BD04`, `${p}BR04`),
  ...passed(`${p}BR03`),
];

/** Sub-segment C: the last month. */
const monthly = (p: AccountSegment): TagRule[] => [
  field(`${p}CD01`, 'status', state),
  field(`${p}CJ01`, 'balance', amount),
  field(`${p}CJ02`, 'used', amount),
  field(`${p}CD02`, 'class5', coded(class5)),
  field(`${p}CS01`, 'remaining_terms', count),
  field(`${p}CJ04`, 'scheduled_due', amount),
  field(`${p}CJ05`, 'actual_paid', amount),
  field(`${p}CR03`, 'last_paid_on', date),
  field(`${p}CS02`, 'overdue_terms', count),
  field(`${p}CJ06`, 'overdue_total', amount),
  field(`${p}CJ07`, 'd31_60', amount),
  field(`${p}CJ08`, 'd61_90', amount),
  field(`${p}CJ09`, 'd91_180', amount),
  field(`${p}CJ10`, 'd181', amount),
  field(`${p}CJ12`, 'average_used_6m', amount),
  field(`${p}CJ13`, 'peak_used', amount),
  ...kept(`${p}CJ03`, `${p}CJ11`, `${p}CJ14`, `${p}CJ15`, `${p}CR02`, `${p}CR04`),
  ...passed(`${p}CR01`),
];

/**
 * One account with its history and its events. Its category is that of its summary: what more of it goes out,
 * the projection decides field by field.
 */
export function readAccount(report: Report, element: XmlElement, p: AccountSegment): void {
  const category = 'ACCOUNT_SUMMARY';
  report.outline(
    element,
    [...'ABCDEFGHZ'].map((letter) => `${p}${letter}`),
    category,
  );
  const draft = new Draft(report);
  const basic = childOf(element, `${p}A`);
  const currency = currencyCode(textOf(basic, `${p}AD04`) ?? '', draft);
  if (typeof currency.value !== 'string') return report.lose(p, category);
  draft.currency = currency.value;
  draft.native['currency'] = currency.value;
  draft.read(basic, basics(p));
  const key = draft.values['account_ref'];
  if (typeof key !== 'string') return report.lose(p, category);
  specialise(draft);
  const as_of = readPerformance(draft, element, p);
  const history = readAccountHistory(draft, element, p);
  const overdue = bucketsOf(draft);
  const marks = readMarks(report, element, `${p}Z`, category);
  const extra = { currency: draft.currency, ...history, ...overdue, ...marks };
  report.add(draft, element, {
    ...{ record: 'account', category, segment: p, key, extra },
    ...(as_of === undefined ? {} : { as_of }),
  });
  readAccountEvents(report, element, p, key, draft.currency);
}

/** A lease and a financing of securities are D1 accounts whose business says what they are. */
function specialise(draft: Draft): void {
  const business = draft.native['business_kind'];
  const special = meaningIn(typesByBusiness, business);
  if (draft.values['type'] === 'term' && special !== undefined) draft.values['type'] = special;
}

/**
 * Reads B and C, the later one first, so that its balance and state win; B where both are of one time. The
 * day of the facts is that of the one that won.
 */
function readPerformance(draft: Draft, element: XmlElement, p: AccountSegment): string | undefined {
  const [b, c] = [childOf(element, `${p}B`), childOf(element, `${p}C`)];
  const [ofB, ofC] = [timeOf(draft, b, `${p}BR03`), timeOf(draft, c, `${p}CR01`)];
  const monthFirst = ofC !== undefined && isLater(ofC, ofB);
  if (monthFirst) draft.read(c, monthly(p)).read(b, latest(p));
  else draft.read(b, latest(p)).read(c, monthly(p));
  draft.otherwise('status', 'unknown');
  // What is kept of the one that lost is of its own time.
  if (monthFirst && ofB !== undefined) draft.keep(`${p}BR03`, ofB);
  if (!monthFirst && ofC !== undefined && ofB !== undefined && isLater(ofB, ofC)) draft.keep(`${p}CR01`, ofC);
  return monthFirst ? ofC : (ofB ?? ofC);
}

function timeOf(draft: Draft, group: XmlElement | undefined, tag: string): string | undefined {
  const text = textOf(group, tag);
  if (text === undefined) return undefined;
  const read = date(text, draft).value ?? dayOfTime(text);
  if (typeof read === 'string') return read;
  draft.report.note(tag, 'unreadable');
  return undefined;
}

/** Later by as much as both say: a month is not later than a day in it. */
function isLater(a: string, b: string | undefined): boolean {
  if (b === undefined) return true;
  const precision = Math.min(a.length, b.length);
  return a.slice(0, precision) > b.slice(0, precision);
}

const bucketNames = ['d31_60', 'd61_90', 'd91_180', 'd181'] as const;

/** The four overdue amounts become one member; why one of them has none is told for all of it. */
function bucketsOf(draft: Draft): Record<string, unknown> {
  const buckets: Record<string, unknown> = {};
  const gaps = new Set<(typeof draft.absent)[string]>();
  for (const name of bucketNames) {
    if (draft.values[name] !== undefined) buckets[name] = draft.values[name];
    const gap = draft.absent[name];
    if (gap !== undefined) gaps.add(gap);
    delete draft.values[name];
    delete draft.absent[name];
  }
  if (Object.keys(buckets).length > 0) return { overdue_principal: buckets };
  draft.absent['overdue_principal'] = gaps.size === 1 ? ([...gaps][0] ?? 'not_reported') : 'not_reported';
  return {};
}
