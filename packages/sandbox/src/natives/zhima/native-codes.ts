import type { RecordOf } from '@causeway/records/record';

type Amount = NonNullable<RecordOf<'watchlist'>['amount']>;

/** `biz_code` by the canonical word of the sector. */
const sectorCodes: Readonly<Record<string, string>> = {
  credit: 'AA', court: 'AB', payment: 'AC', car_hire: 'AD', hotel: 'AE', e_commerce: 'AF', housing: 'AG',
  telecom: 'AH', insurance: 'AI', utilities: 'AJ',
}; // prettier-ignore

/** @throws RangeError for a sector that this gateway has no code for */
export function sectorCode(sector: string): string {
  const code = Object.hasOwn(sectorCodes, sector) ? sectorCodes[sector] : undefined;
  if (code === undefined) throw new RangeError('not a sector of this gateway');
  return code;
}

/** Upper ends of M01 to M13, in fen. */
const bandEnds = [50_000, 100_000, 200_000, 300_000, 400_000, 600_000, 800_000, 1_000_000, 1_500_000];
bandEnds.push(2_000_000, 2_500_000, 3_000_000, 4_000_000);

/** The band that an amount lies in, or that it already is. */
export function bandCode(amount: Amount): string {
  if ('native_code' in amount) return amount.native_code;
  const fen = Number(amount.amount_minor);
  const at = bandEnds.findIndex((end) => fen <= end);
  return `M${String(at === -1 ? bandEnds.length + 1 : at + 1).padStart(2, '0')}`;
}
