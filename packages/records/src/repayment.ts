import { addMonths, assert } from '@causeway/kernel';
import Type from 'typebox';
import type { Static } from 'typebox';
import { cicRepaymentStates } from './code-lists/cic-repayment-states.ts';
import { entryOf, type CodeEntry, type CodeList, type DpdRange } from './code-lists/code-list.ts';
import { metro2RepaymentStates } from './code-lists/metro2-repayment-states.ts';
import { pbocRepaymentStates } from './code-lists/pboc-repayment-states.ts';
import { tuefRepaymentStates } from './code-lists/tuef-repayment-states.ts';
import { closed, MinorSchema, MonthSchema } from './primitives.ts';

/**
 * The one character that a month has in a packed history. The characters are those of the PBOC report, so
 * that its histories are stored unchanged.
 */
export type RepaymentCode = (typeof pbocRepaymentStates.entries)[number]['code'];

interface Scale {
  readonly list: CodeList;
  /** Characters of one month. */
  readonly width: number;
  /** Codes that mean the same however late it is: their number in a row tells the term. */
  readonly counted?: string;
}

/** The scales of months: what a digit means depends on them. Metro 2 `1` is 30-59 days, PBOC `1` 1-30. */
const scales = {
  pboc: { list: pbocRepaymentStates, width: 1 },
  metro2: { list: metro2RepaymentStates, width: 1 },
  cic: { list: cicRepaymentStates, width: 1, counted: 'AP' },
  tuef: { list: tuefRepaymentStates, width: 3 },
} as const satisfies Readonly<Record<string, Scale>>;

export const RepaymentScaleSchema = Type.Enum(['pboc', 'metro2', 'cic', 'tuef']);

export type RepaymentScale = Static<typeof RepaymentScaleSchema>;

/** Five years and a month in hand: the PBOC report shows 60 months. */
const monthsMax = 120;

/**
 * A packed repayment history: one canonical character per month, newest last, `to` the month of the last
 * character. `scale` names the source's meaning of days past due where it is not the PBOC's, `native` keeps
 * its own characters (three a month in TUEF), and `overdue` the amount overdue in each month, both in the
 * order of `states`.
 */
export const RepaymentHistorySchema = Type.Object(
  {
    to: MonthSchema,
    states: Type.String({ pattern: `^[NM1-7*#ADZBCG/]{1,${monthsMax}}$` }),
    scale: Type.Optional(RepaymentScaleSchema),
    native: Type.Optional(Type.String({ pattern: `^[ -~]{1,${monthsMax * 3}}$` })),
    overdue: Type.Optional(Type.Array(MinorSchema, { minItems: 1, maxItems: monthsMax })),
  },
  closed,
);

export type RepaymentHistory = Static<typeof RepaymentHistorySchema>;

/**
 * Packs native month codes, newest last, into a canonical history. The codes of a scale that is not the
 * PBOC's are kept beside it. Throws RangeError on a code the scale does not have, on half a code, on no month
 * at all and on more than 120.
 */
export function packHistory(native: string, to: string, scale: RepaymentScale = 'pboc'): RepaymentHistory {
  const codes = nativeCodes(native, scale);
  if (codes.length === 0 || codes.length > monthsMax) throw new RangeError('a history has 1 to 120 months');
  const { counted = '' }: Scale = scales[scale];
  let run = 0;
  const states = codes.map((code) => {
    const packed = packedOf(nativeEntry(scale, code));
    run = counted.includes(code) ? run + 1 : 0;
    return run > 0 ? String(Math.min(run, 7)) : packed;
  });
  return scale === 'pboc' ? { to, states: native } : { to, states: states.join(''), scale, native };
}

/**
 * The days past due a packed character stands for where the native code is not at hand: all that the scale
 * packs into it; null where one of them names no days.
 */
export function dpdRange(code: RepaymentCode, scale: RepaymentScale = 'pboc'): DpdRange | null {
  const { list, counted = '' }: Scale = scales[scale];
  const packs = (entry: CodeEntry) =>
    counted.includes(entry.code) ? /^[1-7]$/u.test(code) : packedOf(entry) === code;
  const ranges = list.entries.filter(packs).map(({ dpd }) => dpd);
  return ranges.reduce<DpdRange | null | undefined>(hull, undefined) ?? null;
}

/** One month of a history: canonical state, and the days past due as coarse as the source has them. */
export interface RepaymentMonth {
  readonly month: string;
  readonly state: string;
  readonly dpd: DpdRange | null;
}

/** A packed history month by month, oldest first. */
export function unpackHistory(history: RepaymentHistory): RepaymentMonth[] {
  const { to, states, scale = 'pboc', native } = history;
  const codes = [...states] as RepaymentCode[];
  const natives = native !== undefined && hasEqualMonths(history) ? nativeCodes(native, scale) : [];
  return codes.map((code, at) => {
    const own = natives[at];
    const dpd = own === undefined ? undefined : nativeDpd(scale, own);
    return {
      month: addMonths(to, at + 1 - codes.length),
      state: stateOf(code),
      dpd: dpd === undefined ? dpdRange(code, scale) : dpd,
    };
  });
}

/** True where a history's native codes and amounts are as many as its months. */
export function hasEqualMonths({ states, scale = 'pboc', native, overdue }: RepaymentHistory): boolean {
  const months = states.length;
  const codes = native === undefined || native.length === months * scales[scale].width;
  return codes && (overdue === undefined || overdue.length === months);
}

/**
 * True where each native code that a history keeps is one of its scale, or its month is unknown: a code that
 * nobody can read is kept as it is, and stands for nothing.
 */
export function hasKnownCodes({ scale = 'pboc', native, states }: RepaymentHistory): boolean {
  if (native === undefined || native.length % scales[scale].width !== 0) return native === undefined;
  return nativeCodes(native, scale).every(
    (code, at) => states[at] === '#' || entryOf(scales[scale].list, code) !== undefined,
  );
}

/** The native codes of a history one by one. Throws RangeError where the last one is not whole. */
function nativeCodes(native: string, scale: RepaymentScale): string[] {
  const { width } = scales[scale];
  if (native.length % width !== 0) throw new RangeError('half a repayment code');
  const months = native.length / width;
  return Array.from({ length: months }, (_, at) => native.slice(at * width, (at + 1) * width));
}

/**
 * What a source means by its own code, a number of days exactly; undefined where the scale has no such code.
 */
function nativeDpd(scale: RepaymentScale, code: string): DpdRange | null | undefined {
  const entry = entryOf(scales[scale].list, code);
  if (entry !== undefined && entry.code !== code) return { min: Number(code), max: Number(code) };
  return entry && (entry.dpd ?? null);
}

function nativeEntry(scale: RepaymentScale, code: string): CodeEntry {
  const entry = entryOf(scales[scale].list, code);
  if (!entry) throw new RangeError('unknown repayment code');
  return entry;
}

const packedOf = ({ code, packed = code }: CodeEntry): string => packed;

function stateOf(code: RepaymentCode): string {
  const entry = pbocRepaymentStates.entries.find((each) => each.code === code);
  assert(entry !== undefined, 'a packed character has a state');
  return entry.canonical;
}

/** The narrowest range around both; null, which names no days, is wider than any. */
function hull(a: DpdRange | null | undefined, b: DpdRange | null | undefined): DpdRange | null {
  if (a === undefined) return b ?? null;
  if (a === null || b === null || b === undefined) return null;
  const max = a.max === null || b.max === null ? null : Math.max(a.max, b.max);
  return { min: Math.min(a.min, b.min), max };
}
