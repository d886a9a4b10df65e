import { CausewayError, linkConsent, verify } from '@causeway/protocol';
import type { Consent, Grant, Inquiry, PasskeyProof, Verified, VerifyContext } from '@causeway/protocol';

import type { Bureau } from '../bureau.ts';

/** What travels beside a grant that claims a passkey. */
export interface SignedConsent {
  readonly consent?: string | undefined;
  readonly passkey?: PasskeyProof | undefined;
}

interface Granted {
  readonly inquiry: Verified<Inquiry>;
  readonly grant: Verified<Grant>;
}

/** How far two nodes' clocks may be apart, in seconds. */
const skew_s = 2;

/** True for a grant under a consent that the subject's passkey is said to have signed. */
export const claimsPasskey = ({ claims }: Verified<Grant>): boolean =>
  claims.strength === 'passkey' && claims.consent !== undefined;

/**
 * A grant that claims a passkey is believed only with the consent and the passkey's assertion over it:
 * then the bureau knows by itself that the person agreed to this, whatever the consumer service is or was.
 * @throws CausewayError `assertion_invalid`, `link_mismatch`, `consent_expired`, and as `verify`
 */
export async function checkPasskeyConsent(
  bureau: Pick<Bureau, 'clock' | 'me' | 'passkeys'>,
  { grant, inquiry }: Granted,
  { consent: jws, passkey }: SignedConsent,
  context: Pick<VerifyContext, 'keys' | 'fed' | 'nowMs'>,
): Promise<void> {
  if (jws === undefined || passkey === undefined) {
    throw new CausewayError('assertion_invalid', {
      detail: 'A grant that claims a passkey comes with the consent and its assertion.',
    });
  }
  const issuer = grant.claims.iss;
  const consent = verify('consent', jws, {
    ...{ ...context, audience: bureau.me, received: 'forwarded', issuer },
  });
  linkConsent(inquiry, consent);
  checkCover({ grant, inquiry }, consent, bureau);
  await bureau.passkeys.check({
    subjectRef: consent.claims.subject_ref,
    consumer: issuer,
    statement: consent.digest,
    signedAt_s: consent.claims.iat,
    enrolment: consent.claims.evidence_digest,
    proof: passkey,
  });
}

/**
 * The person agreed to no less than is granted here: the consent's own words, not the consumer service's.
 */
function checkCover(
  { grant, inquiry }: Granted,
  { claims, digest }: Verified<Consent>,
  { clock, me }: Pick<Bureau, 'clock' | 'me'>,
): void {
  const nowS = clock.now() / 1000;
  const holds: readonly (readonly [boolean, string])[] = [
    [grant.claims.consent === digest, '/consent'],
    [claims.strength === 'passkey', '/strength'],
    [claims.bureaus.includes(me), '/bureaus'],
    [claims.purposes.includes(inquiry.claims.purpose), '/purposes'],
    [inquiry.claims.categories.every((each) => claims.categories.includes(each)), '/categories'],
    [grant.claims.categories.every((each) => claims.categories.includes(each)), '/categories'],
    [grant.claims.use <= claims.max_uses, '/max_uses'],
    [nowS + skew_s >= claims.valid_from, '/valid_from'],
  ];
  const broken = holds.find(([each]) => !each);
  if (broken) throw new CausewayError('link_mismatch', { pointer: broken[1] });
  if (nowS >= claims.valid_until) throw new CausewayError('consent_expired');
}
