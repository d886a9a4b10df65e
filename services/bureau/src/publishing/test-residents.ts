import { gb11643CheckDigit } from '@causeway/records/identifiers';

/** The n-th valid resident number of nobody: region 990000. */
export function resident(n: number): string {
  const year = 1950 + (Math.floor(n / 999) % 50);
  const seventeen = `990000${year}0307${String((n % 999) + 1).padStart(3, '0')}`;
  return seventeen + gb11643CheckDigit(seventeen);
}
