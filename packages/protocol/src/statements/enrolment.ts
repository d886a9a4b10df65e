import { Type, type Static } from 'typebox';
import { canonicalJson } from '../canonical-json.ts';
import { rule, type ClaimRule } from '../claim-rule.ts';
import { commonClaims, digestSchema, exact, subjectRefSchema } from '../claim-types.ts';
import { sha256Digest, type Digest } from '../digest.ts';
import { credentialIdSchema, passkeyJwkSchema, passkeyKeyProblem } from '../passkey-key.ts';

/**
 * A passkey is a subject's: the consumer service says so, on the strength of a sign-in for exactly this. For
 * whoever has to verify what the passkey signs, now or later. Once per (iss, subject_ref, credential_id).
 */
export const enrolmentSchema = exact({
  ...commonClaims,
  aud: Type.Literal('all'),
  subject_ref: subjectRefSchema,
  credential_id: credentialIdSchema,
  public_key: passkeyJwkSchema,
  /**
   * Digest of the identity provider's id_token, whose nonce ends in `enrolmentContent` of this statement. The
   * token itself names a person and stays with the consumer service.
   */
  evidence: digestSchema,
  /**
   * Digest of the enrolment before it. The new one counts with an assertion by that passkey over this
   * statement's digest, or 72 hours after it.
   */
  replaces: Type.Optional(digestSchema),
});

export type Enrolment = Static<typeof enrolmentSchema>;

/** What must hold of an enrolment beside its shape. */
export const enrolmentRules: readonly ClaimRule<Enrolment>[] = [
  rule('/public_key', 'must be a sound key', (c) => passkeyKeyProblem(c.public_key) === undefined),
];

/**
 * What a person signs in for: the digest of what the enrolment binds, known before there is a token that it
 * could cite. SHA-256 of the canonical JSON (RFC 8785) of these members.
 */
export function enrolmentContent(
  claims: Pick<Enrolment, 'credential_id' | 'fed' | 'public_key' | 'replaces' | 'subject_ref'>,
): Digest {
  const { credential_id, fed, public_key, replaces, subject_ref } = claims;
  const bound = { credential_id, fed, public_key, subject_ref };
  return sha256Digest(canonicalJson(replaces === undefined ? bound : { ...bound, replaces }));
}
