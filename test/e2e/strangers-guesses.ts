import { createHash, createHmac } from 'node:crypto';
import { leafHash } from '@causeway/ledger';
import { gb11643CheckDigit } from '@causeway/records';

const hashes = ['sha256', 'sha512-256', 'sha3-256', 'blake2s256', 'sm3'];

/** All numbers of those who were born in one district on one day: a thousand. */
export function numbersLike(number: string): string[] {
  return Array.from({ length: 1000 }, (_, n) => {
    const body = `${number.slice(0, 14)}${String(n).padStart(3, '0')}`;
    return `${body}${gb11643CheckDigit(body)}`;
  });
}

/** What somebody may take a number for who does not know how leaves are made, with all that is public. */
function textsOf(number: string, known: readonly string[]): string[] {
  const forms = [number, `${number}\n`, number.toLowerCase(), `gb11643:${number}`, `s1:${number}`];
  const written = [{ scheme: 'gb11643', value: number }, { id: number }].map((each) => JSON.stringify(each));
  return [...forms, ...written, ...known.flatMap((each) => [`${each}${number}`, `${each}:${number}`])];
}

/**
 * The numbers that a stranger finds among entries by hashing: plain, twice, as hexadecimal digits, as a
 * leaf, with what is public as prefix or as key.
 */
export function numbersFound(
  numbers: readonly string[],
  entries: readonly Uint8Array[],
  known: readonly string[],
): string[] {
  const held = new Set(entries.flatMap((entry) => [hex(entry), hex(leafHash(entry))]));
  return numbers.filter((number) =>
    textsOf(number, known).some((text) => guessesOf(text, known).some((guess) => held.has(hex(guess)))),
  );
}

function guessesOf(text: string, known: readonly string[]): Uint8Array[] {
  const plain = hashes.map((name) => digest(name, text));
  const again = plain.flatMap((hash) => [
    digest('sha256', hash),
    digest('sha256', hash.toString('hex')),
    digest('sha256', hash.toString('base64url')),
  ]);
  const keyed = ['', ...known].map((key) => createHmac('sha256', key).update(text).digest());
  return [...plain, ...again, ...keyed];
}

const digest = (name: string, data: string | Uint8Array): Buffer =>
  createHash(name).update(data).digest().subarray(0, 32);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
