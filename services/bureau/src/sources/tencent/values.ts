import { dateOf, type PDate } from '@causeway/kernel';

import { SourceFault } from '../source-fault.ts';
import { isNothing, type Members } from './reply.ts';

/** A score as it was given: a number, the sentinel for "could not be scored", or no valid value. */
export type Reading = number | 'unscored' | undefined;

const wholeExpression = /^(0|-?[1-9][0-9]{0,14})$/u;
/** 2010-01-01T00:00:00Z: no reply of this protocol is older. */
const secondsMin = 1_262_304_000;
/** A day ahead is a wrong clock; more, and it is not in seconds. */
const aheadSecondsMax = 86_400;

/**
 * A whole number, given as one or as text, and undefined where there is no valid value.
 * @throws SourceFault for anything else: a blank, a fraction, a leading zero, a sign, a number out of range
 */
export function wholeOf(members: Members, name: string, min: number, max: number): number | undefined {
  const value = members[name];
  if (isNothing(value)) return undefined;
  const number = typeof value === 'string' && wholeExpression.test(value) ? Number(value) : value;
  if (typeof number !== 'number') throw new SourceFault('upstream_error', `${name} is no whole number`);
  if (number < min || number > max) throw new SourceFault('upstream_error', `${name} is out of its range`);
  return number;
}

/** A score within its range. -1 is no number but the word for "none", whatever type the SDK declares. */
export function readingOf(members: Members, name: string, min: number, max: number): Reading {
  const value = members[name];
  if (value === '-1' || value === -1) return 'unscored';
  return wholeOf(members, name, min, max);
}

/** "1" or "-1", as text or number; undefined where there is no valid value. */
export function flagOf(members: Members, name: string): boolean | undefined {
  const value = wholeOf(members, name, -1, 1);
  if (value === 0) throw new SourceFault('upstream_error', `${name} is neither 1 nor -1`);
  return value === undefined ? undefined : value === 1;
}

/** The day in Shanghai of a time in seconds since the epoch, up to a day ahead of `nowMs`. */
export function dayOf(members: Members, name: string, nowMs: number, from = secondsMin): PDate | undefined {
  const seconds = wholeOf(members, name, from, Math.floor(nowMs / 1000) + aheadSecondsMax);
  return seconds === undefined ? undefined : shanghaiDay(seconds * 1000);
}

export function shanghaiDay(ms: number): PDate {
  return dateOf(ms, 'Asia/Shanghai');
}
