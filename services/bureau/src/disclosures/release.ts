import { assert } from '@causeway/kernel';
import type { Moment, Permit } from '@causeway/gate';
import { permitStands } from '@causeway/gate';
import type { LeafReceipt } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';

/** A disclosure that is stored, under the key it was stored under. */
export interface StoredDisclosure {
  readonly inquiry: Digest;
  readonly use: number;
  readonly digest: Digest;
  readonly jws: string;
}

/** What is ready to go: a disclosure only with its permit and receipt, which `release` asks for. */
export type Outcome =
  | { readonly permit: Permit; readonly receipt: LeafReceipt; readonly stored: StoredDisclosure }
  | { readonly refusal: string; readonly code: string };

/**
 * The one way out for personal data: to be called immediately before the first byte. It takes the gate's
 * permit, which must stand at this moment by both clocks, and the receipt of the committed leaf of exactly
 * these bytes.
 * @throws CausewayError `expired`: the disclosure stays stored, and a renewed grant brings the same bytes
 */
export function release(permit: Permit, receipt: LeafReceipt, stored: StoredDisclosure, at: Moment): string {
  assert(receipt.digest === stored.digest, 'the receipt is for another statement');
  assert(permit.inquiry === stored.inquiry && permit.use === stored.use, 'the permit is for another answer');
  if (!permitStands(permit, at))
    throw new CausewayError('expired', { detail: 'Renew the grant and ask again.' });
  return stored.jws;
}
