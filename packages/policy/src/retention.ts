/** Whose time is counted: what of a person must be kept, and from which moment on. */
export type KeptKind =
  /** Lines of history: who has looked or tried to; from the last one. */
  | 'accesses'
  /** Consents and what proves them; from the end of the last one. */
  | 'consents'
  /** Disputes and their answers; from the last step of the last one. */
  | 'disputes'
  /** What bureaus hold against the person and what had ended by then; from the moment of the restriction. */
  | 'adverse_information';

/** How long something must be kept before an erasure may come, as data: who says so, of what, how long. */
export interface KeepRule {
  readonly id: string;
  readonly source: string;
  readonly source_zh: string;
  readonly kind: KeptKind;
  readonly months: number;
}

/**
 * The nation's: a lower layer may only lengthen the times of logs. The longest of those that concern a person
 * decides when they are erased. No lawyer has seen these parameters.
 */
export const NATIONAL_RETENTION: readonly KeepRule[] = [
  {
    ...{ id: 'cn.keep.accesses', kind: 'accesses', months: 36 },
    source: 'Regulation on Network Data Security Management (2024), article 12',
    source_zh: '《网络数据安全管理条例》第十二条',
  },
  {
    ...{ id: 'cn.keep.consents', kind: 'consents', months: 36 },
    source: 'Personal Information Protection Law, articles 55 and 56',
    source_zh: '《个人信息保护法》第五十五条、第五十六条',
  },
  {
    ...{ id: 'cn.keep.disputes', kind: 'disputes', months: 36 },
    source: 'Civil Code, article 188',
    source_zh: '《民法典》第一百八十八条',
  },
  {
    ...{ id: 'cn.keep.adverse', kind: 'adverse_information', months: 60 },
    source: 'Regulation on the Credit Reporting Industry (State Council Order 631), article 16',
    source_zh: '《征信业管理条例》第十六条',
  },
];

/** A rule as it concerns one person; times in ms since the epoch. */
export interface KeptUntil extends KeepRule {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** From when on each kind is counted; of what there is nothing of this person, no rule speaks. */
export type KeptFrom = Readonly<Partial<Record<KeptKind, number>>>;

/** Until when each rule demands to keep what there is, the longest first. */
export function keptUntil(from: KeptFrom, rules: readonly KeepRule[] = NATIONAL_RETENTION): KeptUntil[] {
  return rules
    .flatMap((rule): KeptUntil[] => {
      const fromMs = from[rule.kind];
      return fromMs === undefined ? [] : [{ ...rule, fromMs, untilMs: monthsAfter(fromMs, rule.months) }];
    })
    .toSorted((a, b) => b.untilMs - a.untilMs);
}

/**
 * Until when a node must keep what it holds of these kinds, where all of it was there when the subject was
 * restricted, at `fromMs`: nothing has come since that the law counts from later. That moment itself where it
 * holds nothing of them.
 */
export function keptSince(
  fromMs: number,
  kinds: Iterable<KeptKind>,
  rules: readonly KeepRule[] = NATIONAL_RETENTION,
): number {
  const from = Object.fromEntries([...kinds].map((kind) => [kind, fromMs]));
  return Math.max(fromMs, ...keptUntil(from, rules).map(({ untilMs }) => untilMs));
}

/** The same day and time so many months later, UTC; the last day of a month that has no such day. */
function monthsAfter(ms: number, months: number): number {
  const at = new Date(ms);
  const month = at.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(at.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const day = Math.min(at.getUTCDate(), lastDay);
  return Date.UTC(at.getUTCFullYear(), month, day) + (ms % 86_400_000);
}
