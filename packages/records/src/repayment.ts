import { addMonths } from '@causeway/kernel';
import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, MinorSchema, MonthSchema } from './primitives.ts';

/** Days past due as a range; `max` null means no upper end. A range is never made finer than its source. */
export interface DpdRange {
  readonly min: number;
  readonly max: number | null;
}

/**
 * Canonical repayment states and the one character each has in a packed history. The characters are those of
 * the PBOC second-generation report, so that its histories are stored unchanged; `dpd` is what the PBOC code
 * means.
 */
export const repaymentStates = {
  N: { state: 'on_time', dpd: { min: 0, max: 0 } },
  M: { state: 'late_same_month', dpd: { min: 1, max: 30 } },
  '1': { state: 'past_due_1', dpd: { min: 1, max: 30 } },
  '2': { state: 'past_due_2', dpd: { min: 31, max: 60 } },
  '3': { state: 'past_due_3', dpd: { min: 61, max: 90 } },
  '4': { state: 'past_due_4', dpd: { min: 91, max: 120 } },
  '5': { state: 'past_due_5', dpd: { min: 121, max: 150 } },
  '6': { state: 'past_due_6', dpd: { min: 151, max: 180 } },
  '7': { state: 'past_due_7', dpd: { min: 181, max: null } },
  '*': { state: 'not_due', dpd: null },
  '#': { state: 'unknown', dpd: null },
  A: { state: 'no_bill_this_month', dpd: null },
  D: { state: 'guarantor_paid', dpd: null },
  Z: { state: 'asset_settled', dpd: null },
  B: { state: 'bad_debt', dpd: { min: 181, max: null } },
  C: { state: 'closed_settled', dpd: null },
  G: { state: 'closed_other', dpd: null },
  '/': { state: 'not_open', dpd: null },
} as const satisfies Readonly<Record<string, { state: string; dpd: DpdRange | null }>>;

export type RepaymentCode = keyof typeof repaymentStates;

/**
 * A native month code: the canonical character it becomes and the days past due that the source means by it.
 */
interface NativeState {
  readonly code: RepaymentCode;
  readonly dpd: DpdRange | null;
}

/** Scales whose digits mean other days than ours. Metro 2 `1` is 30-59 days where the PBOC `1` is 1-30. */
const nativeScales: Readonly<Record<'pboc' | 'metro2', Readonly<Record<string, NativeState>>>> = {
  pboc: Object.fromEntries(
    Object.entries(repaymentStates).map(([code, { dpd }]) => [code, { code: code as RepaymentCode, dpd }]),
  ),
  metro2: {
    '0': { code: 'N', dpd: { min: 0, max: 29 } },
    E: { code: 'N', dpd: { min: 0, max: 29 } },
    '1': { code: '2', dpd: { min: 30, max: 59 } },
    '2': { code: '3', dpd: { min: 60, max: 89 } },
    '3': { code: '4', dpd: { min: 90, max: 119 } },
    '4': { code: '5', dpd: { min: 120, max: 149 } },
    '5': { code: '6', dpd: { min: 150, max: 179 } },
    '6': { code: '7', dpd: { min: 180, max: null } },
    D: { code: '*', dpd: null },
    B: { code: '#', dpd: null },
    ' ': { code: '#', dpd: null },
    L: { code: 'B', dpd: { min: 180, max: null } },
    G: { code: 'B', dpd: { min: 180, max: null } },
  },
};

export const RepaymentScaleSchema = Type.Enum(['pboc', 'metro2']);

export type RepaymentScale = Static<typeof RepaymentScaleSchema>;

/** Five years and a month in hand: the PBOC report shows 60 months. */
const monthsMax = 120;

/**
 * A packed repayment history: one canonical character per month, newest last, `to` the month of the last
 * character. `scale` names the source's meaning of days past due where it is not the PBOC's, `native` keeps
 * its own characters, and `overdue` the amount overdue in each month, both in the order of `states`.
 */
export const RepaymentHistorySchema = Type.Object(
  {
    to: MonthSchema,
    states: Type.String({ pattern: `^[NM1-7*#ADZBCG/]{1,${monthsMax}}$` }),
    scale: Type.Optional(RepaymentScaleSchema),
    native: Type.Optional(Type.String({ pattern: `^[ -~]{1,${monthsMax}}$` })),
    overdue: Type.Optional(Type.Array(MinorSchema, { minItems: 1, maxItems: monthsMax })),
  },
  closed,
);

export type RepaymentHistory = Static<typeof RepaymentHistorySchema>;

/**
 * Packs native month codes, newest last, into a canonical history.
 * Throws RangeError on a code the scale does not have, on no month at all and on more than 120.
 */
export function packHistory(native: string, to: string, scale: RepaymentScale = 'pboc'): RepaymentHistory {
  if (native.length === 0 || native.length > monthsMax) throw new RangeError('a history has 1 to 120 months');
  const states = [...native].map((code) => nativeState(scale, code).code).join('');
  return scale === 'pboc' ? { to, states } : { to, states, scale };
}

/**
 * The days past due a packed character stands for, as coarse as its source; null where the state says no
 * days.
 */
export function dpdRange(code: RepaymentCode, scale: RepaymentScale = 'pboc'): DpdRange | null {
  if (scale === 'pboc') return repaymentStates[code].dpd;
  return Object.values(nativeScales[scale]).find((native) => native.code === code)?.dpd ?? null;
}

/** One month of a history: canonical state, and the days past due as coarse as the source has them. */
export interface RepaymentMonth {
  readonly month: string;
  readonly state: string;
  readonly dpd: DpdRange | null;
}

/** A packed history month by month, oldest first. */
export function unpackHistory(history: RepaymentHistory): RepaymentMonth[] {
  const codes = [...history.states] as RepaymentCode[];
  return codes.map((code, at) => ({
    month: addMonths(history.to, at + 1 - codes.length),
    state: repaymentStates[code].state,
    dpd: dpdRange(code, history.scale),
  }));
}

function nativeState(scale: RepaymentScale, code: string): NativeState {
  const table = nativeScales[scale];
  const found = Object.hasOwn(table, code) ? table[code] : undefined;
  if (!found) throw new RangeError('unknown repayment code');
  return found;
}
