import type { Asserted } from '@causeway/gate';
import type { Inquiry, PasskeyProof, Verified } from '@causeway/protocol';

import type { Bureau } from '../bureau.ts';

/**
 * That the person's passkey has signed this inquiry about themselves, found out here: under the enrolment
 * that the inquiry cites, as it is pinned for the inquiry's subject. Undefined for any other inquiry and for one
 * that comes without proof; the gate lets neither out.
 * @throws CausewayError `assertion_invalid`, `link_mismatch`, and as `verify`: a proof that does not hold
 */
export async function assertedInquiry(
  bureau: Pick<Bureau, 'passkeys'>,
  { claims, digest }: Verified<Inquiry>,
  proof: PasskeyProof | undefined,
): Promise<Asserted | undefined> {
  const { basis, iat, iss, purpose, subject_ref: subjectRef } = claims;
  if (purpose !== 'OWN_ENQUIRY' || basis === undefined || proof === undefined) return undefined;
  const enrolment = basis.cited;
  await bureau.passkeys.check({
    ...{ subjectRef, consumer: iss, statement: digest, signedAt_s: iat, enrolment, proof },
  });
  return { enrolment, inquiry: digest, subjectRef };
}
