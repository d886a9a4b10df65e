import { assert } from '@causeway/kernel';

import { decodeBase64, encodeBase64 } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';

/** A digest as statements name it: 'sha-256:' and 43 base64url characters. */
export type Digest = `sha-256:${string}`;

const prefix = 'sha-256:';

/** A leaf's entry: the 32 bytes of a statement's SHA-256. Throws `malformed` for another spelling. */
export function entryOf(digest: string): Uint8Array {
  if (!/^sha-256:[A-Za-z0-9_-]{43}$/u.test(digest)) {
    throw new LedgerError('malformed', 'A digest is sha-256: and 43 base64url characters.');
  }
  const base64 = digest.slice(prefix.length).replaceAll('-', '+').replaceAll('_', '/');
  return decodeBase64(`${base64}=`);
}

/** The statement's digest that a leaf's entry stands for. Throws `malformed` where it has not 32 bytes. */
export function digestOf(entry: Uint8Array): Digest {
  if (entry.length !== 32) throw new LedgerError('malformed', 'A leaf entry has 32 bytes.');
  const base64 = encodeBase64(entry);
  assert(base64.endsWith('=') && base64.length === 44, '32 bytes are 43 characters and one of padding');
  return `sha-256:${base64.slice(0, 43).replaceAll('+', '-').replaceAll('/', '_')}`;
}
