import { addMonths } from '@causeway/kernel';
import { packHistory } from '@causeway/records/repayment';
import { childOf, childrenOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import type { AccountSegment } from './account.ts';
import { textOf } from './draft.ts';
import type { Draft } from './draft.ts';
import { monthOf, wholeMinor } from './readings.ts';

interface Month {
  /** The native code. */
  readonly code: string;
  readonly overdue: string | undefined;
}

type Months = Map<string, Month>;

/** The registry's own five years, and as much again for those it corrects. */
const monthsMax = 120;
const states = 'NM1234567*#ADZBCG/';

/**
 * The months of an account, from the group of 60 (E) and that of 24 (D). Where both have a month, E counts; a
 * month on which they disagree is noted and D's version kept by name. A month that neither has is unknown.
 */
export function readAccountHistory(
  draft: Draft,
  element: XmlElement,
  p: AccountSegment,
): { history?: unknown } {
  const sixty = readMonths(draft, childOf(element, `${p}E`), `${p}E`);
  const recent = readMonths(draft, childOf(element, `${p}D`), `${p}D`);
  const differing: string[] = [];
  const months: Months = new Map(sixty);
  for (const [month, { code, overdue }] of recent) {
    const kept = sixty.get(month);
    if (kept === undefined) months.set(month, { code, overdue });
    else if (kept.code !== code) differing.push(`${month}=${code}`);
  }
  if (differing.length > 0) {
    draft.report.note(`${p}DH`, 'conflict');
    draft.keep(`${p}DH`, cut(differing));
  }
  const packed = packMonths(draft, months, p);
  if (packed === undefined) draft.absent['history'] = 'not_reported';
  return packed === undefined ? {} : { history: packed };
}

/** Newest first or oldest first: each month says itself which it is. */
function readMonths(draft: Draft, group: XmlElement | undefined, p: string): Months {
  const months: Months = new Map();
  const monthTag = `${p}R03`;
  for (const entry of childrenOf(group, `${p}H`)) {
    const month = monthOf(textOf(entry, monthTag) ?? '');
    const code = textOf(entry, `${p}D01`) ?? '#';
    if (month === undefined) {
      draft.report.note(monthTag, 'unreadable');
      continue;
    }
    const known = months.get(month);
    if (known === undefined) months.set(month, { code, overdue: overdueOf(draft, entry, `${p}J01`) });
    else if (known.code !== code) {
      draft.report.note(`${p}H`, 'conflict');
      draft.keep(
        `${p}D01`,
        cut([draft.ext[`${p}D01`] ?? '', `${month}=${code}`].filter((one) => one !== '')),
      );
    }
  }
  return months;
}

function overdueOf(draft: Draft, entry: XmlElement, tag: string): string | undefined {
  const text = textOf(entry, tag);
  const minor = text === undefined ? undefined : wholeMinor(text, draft.currency);
  if (text !== undefined && minor === undefined) draft.report.note(tag, 'unreadable');
  return minor;
}

function packMonths(draft: Draft, found: Months, p: AccountSegment): unknown {
  const sorted = [...found.keys()].toSorted();
  const to = sorted.at(-1);
  if (to === undefined) return undefined;
  const earliest = addMonths(to, 1 - monthsMax);
  if ((sorted[0] ?? to) < earliest) draft.report.note(`${p}EH`, 'dropped');
  const from = sorted.find((month) => month >= earliest) ?? to;
  const months = Array.from({ length: monthsMax }, (_, back) => addMonths(to, -back))
    .filter((month) => month >= from)
    .toReversed();
  const codes = months.map((month) => found.get(month)?.code);
  const history = packHistory(codes.map((code) => (isState(code) ? code : '#')).join(''), to);
  const unknown = codes.some((code) => code !== undefined && !isState(code));
  if (unknown) draft.report.note(`${p}ED01`, 'unreadable');
  const native = unknown ? { native: codes.map((code) => nativeOf(code)).join('') } : {};
  return { ...history, ...native, ...overdueAmounts(draft, months, found, p) };
}

const isState = (code: string | undefined): code is string => code?.length === 1 && states.includes(code);

/** One character of the source; a month it did not tell is a space, and what is longer is a question mark. */
const nativeOf = (code: string | undefined): string =>
  code === undefined ? ' ' : /^[!-~]$/u.test(code) ? code : '?';

/** Amounts are either known for every month, or kept by name: a month without one is not a zero. */
function overdueAmounts(
  draft: Draft,
  months: readonly string[],
  found: Months,
  p: AccountSegment,
): { overdue?: string[] } {
  const amounts = months.map((month) => found.get(month)?.overdue);
  const known = amounts.filter((one) => one !== undefined);
  if (known.length === months.length) return { overdue: known };
  if (known.length === 0) return {};
  draft.report.note(`${p}EJ01`, 'dropped');
  const told = months.flatMap((month, at) => {
    const minor = amounts[at];
    return minor === undefined || minor === '0' ? [] : [`${month}=${minor}`];
  });
  if (told.length > 0) draft.keep(`${p}EJ01`, cut(told));
  return {};
}

/** As many entries as a kept text can hold, the last ones first to stay. */
function cut(entries: readonly string[]): string {
  const kept = [...entries];
  while (kept.join(';').length > 512) kept.shift();
  return kept.join(';');
}
