import type { MoneyBand } from '@causeway/records/primitives';

/** Sectors of the watch list by `biz_code` (public documentation). */
const sectors: Readonly<Record<string, string>> = {
  AA: 'credit', AB: 'court', AC: 'payment', AD: 'car_hire', AE: 'hotel', AF: 'e_commerce', AG: 'housing',
  AH: 'telecom', AI: 'insurance', AJ: 'utilities',
}; // prettier-ignore

/** Kinds of risk by `type`, as far as they are public; another keeps its own code. */
const riskTypes: Readonly<Record<string, string>> = {
  AA001: 'overdue',
  AA002: 'cash_out',
  AB001: 'dishonest_debtor',
};

/** Upper ends of the bands M01 to M13 in yuan; each begins above the one before, M14 above the last. */
const bandEnds = [
  500, 1000, 2000, 3000, 4000, 6000, 8000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000,
] as const;

/** The canonical word for a sector, or 'other'. */
export function sectorOf(code: string): string {
  return Object.hasOwn(sectors, code) ? (sectors[code] ?? 'other') : 'other';
}

/** The canonical word for a kind of risk; an unlisted type is its own word. */
export function riskTypeOf(type: string): string {
  return Object.hasOwn(riskTypes, type) ? (riskTypes[type] ?? 'other') : type.toLowerCase();
}

/** How many periods an overdue code stands for: '1' to '6', or '7+'; undefined for any other code. */
export function overduePeriods(code: string): string | undefined {
  const digit = /^AA00100([1-7])$/u.exec(code)?.[1];
  return digit === '7' ? '7+' : digit;
}

/** An amount band as its two ends in fen, both as Zhima draws them: (lower, upper]. */
export function amountBand(code: string): MoneyBand | undefined {
  const number = Number(/^M(0[1-9]|1[0-4])$/u.exec(code)?.[1] ?? 0);
  if (number === 0) return undefined;
  const [lower, upper] = [bandEnds[number - 2] ?? 0, bandEnds[number - 1]];
  return {
    lower_minor: String(lower * 100),
    ...(upper === undefined ? {} : { upper_minor: String(upper * 100) }),
    ...{ lower_open: true, upper_open: upper === undefined, currency: 'CNY', native_code: code },
  };
}
