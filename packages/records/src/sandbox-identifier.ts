import { dateOfDayNumber, dayNumber } from '@causeway/kernel';
import type { Identifier } from './identifiers.ts';
import { gb11643CheckDigit } from './identifiers.ts';

/** The federation that the sandbox starts, and the only one in which customer numbers become persons. */
export const sandboxFederation = 'causeway-sandbox';

/** Region of synthetic persons: GB/T 2260 assigns it to no place, so that such a number is nobody's. */
const region = '990000';
/** Birthdays that no named person of the sandbox has, nor anybody living. */
const [firstDay, lastDay] = [dayNumber('1800-01-01'), dayNumber('1929-12-31')];
const orders = 999;
/** How many customer numbers there can be: 47 million. */
const numbersMax = (lastDay - firstDay + 1) * orders;

export interface SandboxRule {
  /** What stands before the digits, and is left out. */
  readonly prefix?: string;
  /** For customer numbers that are no digits: of ten thousand, one pair may become one person. */
  readonly hashed?: true;
}

/**
 * A synthetic resident number for a provider's own customer number, the same one each time: no two numbers of
 * up to 47 million become one person. Throws RangeError where the number is no digits or is larger, and is
 * not hashed.
 */
export function sandboxIdentifier(customer: string, { prefix = '', hashed }: SandboxRule = {}): Identifier {
  if (!customer.startsWith(prefix)) throw new RangeError('the customer number has another prefix');
  const number = hashed ? hashOf(customer) % numbersMax : numberOf(customer.slice(prefix.length));
  const birthday = dateOfDayNumber(firstDay + Math.floor(number / orders)).replaceAll('-', '');
  const first17 = `${region}${birthday}${String((number % orders) + 1).padStart(3, '0')}`;
  return { scheme: 'gb11643', value: first17 + gb11643CheckDigit(first17) };
}

function numberOf(digits: string): number {
  const number = /^[0-9]{1,15}$/u.test(digits) ? Number(digits) : Number.NaN;
  if (!(number < numbersMax)) throw new RangeError(`a customer number is digits below ${numbersMax}`);
  return number;
}

/** FNV-1a over the UTF-16 code units, twice with other offsets, for 52 bits. */
function hashOf(text: string): number {
  if (text.length === 0 || text.length > 128)
    throw new RangeError('a customer number has 1 to 128 characters');
  let [high, low] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at += 1) {
    high = Math.imul(high ^ text.charCodeAt(at), 0x01000193);
    low = Math.imul(low ^ text.charCodeAt(text.length - 1 - at), 0x01000193);
  }
  return (high >>> 12) * 0x1_0000_0000 + (low >>> 0);
}
