import { isDate } from '@causeway/kernel';

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const checkCharacters = '10X98765432';

/** First two digits of GB/T 2260 regions, with the residence permits of Hong Kong, Macau and Taiwan. */
const provinces = new Set(
  [
    '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46',
    '50 51 52 53 54 61 62 63 64 65 71 81 82 83',
  ].flatMap((row) => row.split(' ')),
);

/** The region of synthetic persons: GB/T 2260 does not assign it, so that no test touches a real person. */
const syntheticRegion = '990000';

/** Sequence numbers that the 15-digit form kept for persons born before 1900: its century cannot be told. */
const centenarians = new Set(['996', '997', '998', '999']);

/**
 * The check character of a resident number (GB 11643-1999, ISO 7064 MOD 11-2) from its first 17 digits.
 * Throws RangeError where they are not 17 digits.
 */
export function gb11643CheckDigit(first17: string): string {
  if (!/^[0-9]{17}$/u.test(first17)) throw new RangeError('17 digits expected');
  const sum = weights.reduce<number>((total, weight, at) => total + weight * Number(first17[at]), 0);
  return checkCharacters.charAt(sum % 11);
}

/** True for a resident number in its 18-character form: region, birth date that exists, sequence, check. */
export function checkGb11643(value: string): boolean {
  if (!/^[0-9]{17}[0-9X]$/u.test(value)) return false;
  const region = value.slice(0, 6);
  if (!provinces.has(region.slice(0, 2)) && region !== syntheticRegion) return false;
  const [year, month, day] = [value.slice(6, 10), value.slice(10, 12), value.slice(12, 14)];
  if (year < '1800' || !isDate(`${year}-${month}-${day}`)) return false;
  return value.slice(14, 17) !== '000' && gb11643CheckDigit(value.slice(0, 17)) === value[17];
}

/**
 * The 18-character form of a 15-digit number: the century is 19 and the check is computed, so that both forms
 * are one subject. Throws RangeError where the century cannot be told or the result is no valid number.
 */
export function widenGb11643(fifteen: string): string {
  if (!/^[0-9]{15}$/u.test(fifteen)) throw new RangeError('15 digits expected');
  if (centenarians.has(fifteen.slice(12))) throw new RangeError('the century of this number cannot be told');
  const first17 = `${fifteen.slice(0, 6)}19${fifteen.slice(6)}`;
  const value = first17 + gb11643CheckDigit(first17);
  if (!checkGb11643(value)) throw new RangeError('not a valid resident number');
  return value;
}
