import type { FaultClass } from '../source-fault.ts';

/** What a result code says: there is a report, there is none and why, or a fault. */
type Meaning = 'report' | 'unknown_subject' | 'no_credit' | FaultClass;

const meanings: Readonly<Record<string, Meaning>> = {
  '0000': 'report',
  '0001': 'unknown_subject',
  '0005': 'no_credit',
  1001: 'bad_request',
  1003: 'signature_invalid',
  2001: 'not_authorised',
  2002: 'not_authorised',
  3001: 'not_authorised',
  9001: 'upstream_unavailable',
};

/** A code that is not in the table is an error of the other side. */
export const meaningOf = (code: string): Meaning =>
  Object.hasOwn(meanings, code) ? (meanings[code] ?? 'upstream_error') : 'upstream_error';
