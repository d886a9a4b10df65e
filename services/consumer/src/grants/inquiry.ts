import { CausewayError, verify, type Inquiry, type KeyLookup, type Verified } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';

/** A lender's inquiry as the broker forwards it. */
export interface ForwardedInquiry {
  readonly inquiry: Verified<Inquiry>;
  /** Past its exp: nothing new may begin under it. */
  readonly expired: boolean;
}

/**
 * Verifies an inquiry addressed to the broker that presents it. One past its exp is still read: its use may
 * stand, and the broker's own grant is renewed as long as the consent does. Throws the code of the step that
 * failed.
 */
export function readInquiry(
  consumer: Consumer,
  jws: string,
  presenter: string,
  keys: KeyLookup = consumer.directory().keys,
): ForwardedInquiry {
  const { clock, fed } = consumer;
  const context = { keys, fed, nowMs: clock.now(), audience: presenter };
  try {
    return { inquiry: verify('inquiry', jws, { ...context, received: 'forwarded' }), expired: false };
  } catch (error) {
    if (!(error instanceof CausewayError) || error.code !== 'expired') throw error;
    return { inquiry: verify('inquiry', jws, { ...context, received: 'archived' }), expired: true };
  }
}
