import { assert } from './assert.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

const timestampMax = 2 ** 48 - 1;

/**
 * A UUID version 7 (RFC 9562 section 5.7) in lower case: 48 bits of Unix milliseconds, then 74 random bits.
 * Ids made in one millisecond are in no particular order.
 */
export function uuidv7(clock: Clock, random: Random): string {
  const now = Math.floor(clock.now());
  assert(now >= 0 && now <= timestampMax, 'the clock is outside the range of a UUIDv7');
  const tail = random.bytes(10);
  const time = now.toString(16).padStart(12, '0');
  const a = (((byte(tail, 0) << 8) | byte(tail, 1)) & 0x0fff) | 0x7000;
  const b = (((byte(tail, 2) << 8) | byte(tail, 3)) & 0x3fff) | 0x8000;
  let node = '';
  for (let i = 4; i < 10; i += 1) node += byte(tail, i).toString(16).padStart(2, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-${a.toString(16)}-${b.toString(16)}-${node}`;
}

function byte(bytes: Uint8Array, at: number): number {
  const value = bytes[at];
  assert(value !== undefined, 'the random source gave fewer bytes than asked');
  return value;
}

/** The one accepted spelling of a UUIDv7: lower case, version 7, RFC 9562 variant. */
export const uuidv7Pattern = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';

const uuidv7Expression = new RegExp(uuidv7Pattern, 'u');

/** True for a UUIDv7 in its one accepted spelling; ids from outside are checked before they reach a query. */
export function isUuidv7(text: string): boolean {
  return uuidv7Expression.test(text);
}
