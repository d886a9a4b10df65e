import { entryOf } from '@causeway/records/code-lists/code-list';
import { zhimaAmountBands, zhimaRiskTypes, zhimaSectors } from '@causeway/records/code-lists/zhima-watchlist';
import type { MoneyBand } from '@causeway/records/primitives';

/** The canonical word for a sector, or 'other'. */
export function sectorOf(code: string): string {
  return entryOf(zhimaSectors, code)?.canonical ?? 'other';
}

/** The canonical word for a kind of risk; an unlisted type is its own word. */
export function riskTypeOf(type: string): string {
  return entryOf(zhimaRiskTypes, type)?.canonical ?? type.toLowerCase();
}

/** How many periods an overdue code stands for: '1' to '6', or '7+'; undefined for any other code. */
export function overduePeriods(code: string): string | undefined {
  const digit = /^AA00100([1-7])$/u.exec(code)?.[1];
  return digit === '7' ? '7+' : digit;
}

/** An amount band as its two ends in fen, both as Zhima draws them: (lower, upper]. */
export function amountBand(code: string): MoneyBand | undefined {
  const band = entryOf(zhimaAmountBands, code)?.band;
  if (band === undefined) return undefined;
  const { above, currency, to } = band;
  return {
    lower_minor: above,
    ...(to === null ? {} : { upper_minor: to }),
    ...{ lower_open: true, upper_open: to === null, currency, native_code: code },
  };
}
