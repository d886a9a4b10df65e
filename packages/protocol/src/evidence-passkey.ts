import type { DirectoryView } from './directory.ts';
import { CausewayError } from './errors.ts';
import type { Needed } from './evidence-directories.ts';
import type { WitnessTimes } from './evidence-leaves.ts';
import { checkAssertion } from './passkey-assertion.ts';
import { pinAt, pinnedWith, type PasskeyProof, type Pin } from './passkey-proof.ts';
import type { Consent } from './statements/consent.ts';
import type { Enrolment } from './statements/enrolment.ts';
import type { Verified } from './verify.ts';

interface Signed {
  readonly consent: Verified<Consent> | undefined;
  readonly enrolments: readonly Verified<Enrolment>[];
  readonly proof: PasskeyProof | undefined;
  /** Of the enrolments, as of all statements of the bundle. */
  readonly times: WitnessTimes;
}

/** One counts by the time at which witnesses saw it, and nobody can say when that was. */
function waitsUnseen(enrolments: Signed['enrolments'], proof: PasskeyProof, times: WitnessTimes): boolean {
  return enrolments.some(
    ({ claims, digest }, n) =>
      n > 0 &&
      claims.replaces !== undefined &&
      proof.enrolments[n]?.handover === undefined &&
      !times.has(digest),
  );
}

/**
 * Whether a bundle shows that a passkey signed its consent: undefined where nobody says so, false where
 * the proof is not there, or a leaf by whose time it counts.
 * @throws CausewayError `assertion_invalid`, `evidence_invalid`, `link_mismatch` for a proof that does not
 *   hold
 */
export function passkeyShown(
  { consent, enrolments, proof, times }: Signed,
  views: readonly DirectoryView[],
  needed: Needed,
): boolean | undefined {
  if (consent?.claims.strength !== 'passkey') {
    if (proof === undefined) return undefined;
    throw new CausewayError('evidence_invalid', { pointer: '/passkey' });
  }
  if (proof === undefined || waitsUnseen(enrolments, proof, times)) return false;
  const { evidence_digest, iat, iss, subject_ref } = consent.claims;
  const fit = enrolments.every(({ claims }) => claims.iss === iss && claims.subject_ref === subject_ref);
  if (!fit || enrolments.at(-1)?.digest !== evidence_digest) {
    throw new CausewayError('link_mismatch', { pointer: '/passkey/enrolments' });
  }
  const view = views.find((each) => each.member(iss)?.passkeys !== undefined);
  const party = view?.member(iss)?.passkeys;
  if (view === undefined || party === undefined) {
    throw new CausewayError('assertion_invalid', { detail: 'The directories list no passkeys.' });
  }
  needed(view, iss);
  const at = { now_s: iat, party };
  const pins = enrolments.reduce<readonly Pin[]>((before, enrolment, n) => {
    const { handover } = proof.enrolments[n] ?? {};
    return pinnedWith(before, { enrolment, handover, witnessed_at: times.get(enrolment.digest) }, at);
  }, []);
  const { credential_id, public_key } = pinAt(pins, evidence_digest, iat);
  const enrolment = { credential_id, public_key };
  checkAssertion(proof.assertion, { challenge: consent.digest, enrolment, party });
  return true;
}
