import { addMonths } from '@causeway/kernel';
import type { AccountRecord } from '@causeway/records';

import type { CcrcQuirks } from './quirks.ts';
import { group, tag, wholeUnits } from './tags.ts';

interface Month {
  readonly month: string;
  readonly code: string;
  readonly overdue: string | undefined;
}

/** The months of an account twice, as the registry tells them: the last 24 (D) and the last 60 (E). */
export function writeHistories(p: string, account: AccountRecord, quirks: CcrcQuirks): string {
  const months = monthsOf(p, account, quirks);
  if (months.length === 0) return '';
  const other = new Map(pairs(account.native_ext?.[`${p}DH`]));
  const newest = months.at(-1)?.month;
  const recent = months.slice(-24).map(({ code, month }) => {
    const disagrees = quirks.historiesDisagree && month === newest;
    const told = other.get(month) ?? (disagrees ? otherThan(code) : code);
    return { month, xml: tag(`${p}DR03`, month) + tag(`${p}DD01`, told) };
  });
  const sixty = months.slice(-60).map(({ code, month, overdue }) => ({
    month,
    xml:
      tag(`${p}ER03`, month) +
      tag(`${p}ED01`, code) +
      (overdue === undefined ? '' : tag(`${p}EJ01`, wholeUnits(overdue, account.currency, false))),
  }));
  return (quirks.twoHistories ? written(`${p}D`, recent, quirks) : '') + written(`${p}E`, sixty, quirks);
}

function monthsOf(p: string, { history, native_ext }: AccountRecord, quirks: CcrcQuirks): Month[] {
  if (history === undefined) return [];
  const { native, overdue, states, to } = history;
  const told = new Map(pairs(native_ext?.[`${p}EJ01`]));
  const months = [...states].map((state, at) => {
    const month = addMonths(to, at + 1 - states.length);
    const last = quirks.unknownCodes && at === states.length - 1;
    const code = last ? 'X' : (native?.[at] ?? state);
    return { month, code, overdue: overdue?.[at] ?? told.get(month) };
  });
  // A month that nobody reported is not in the list at all.
  return months.filter(({ code }) => code !== ' ');
}

function written(p: string, months: readonly { month: string; xml: string }[], quirks: CcrcQuirks): string {
  const [from = '', to = ''] = [months[0]?.month, months.at(-1)?.month];
  const ordered = quirks.newestFirst ? months.toReversed() : months;
  const entries = ordered.map(({ xml }) => group(`${p}H`, xml)).join('');
  return group(p, tag(`${p}R01`, from) + tag(`${p}R02`, to) + entries);
}

/** `2018-06=1;2018-05=N` */
const pairs = (text: string | undefined): [string, string][] =>
  (text ?? '').split(';').flatMap((pair) => {
    const [month, value] = pair.split('=');
    return month !== undefined && value !== undefined ? [[month, value] as [string, string]] : [];
  });

const otherThan = (code: string): string => (code === '1' ? '2' : '1');
