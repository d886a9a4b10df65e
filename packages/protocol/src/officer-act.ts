import { Type, type Static } from 'typebox';
import { exact } from './claim-types.ts';
import { CausewayError } from './errors.ts';
import type { PublicJwk } from './keys.ts';
import { checkHeader, kidOfHeader, signatureHolds } from './signed-json.ts';

/** How many different officers must sign an act. */
export const officersMin = 2;

/** An act as the officers sign it: JWS in general JSON serialisation (RFC 7515 section 7.2.1). */
export const signedActSchema = exact({
  payload: Type.String({ maxLength: 8192 }),
  signatures: Type.Array(
    exact({ protected: Type.String({ maxLength: 512 }), signature: Type.String({ maxLength: 128 }) }),
    { minItems: 1, maxItems: 16 },
  ),
});

export type SignedAct = Static<typeof signedActSchema>;

/**
 * The thumbprints of the different officers who signed, sorted. One signature that does not hold spoils the
 * act: somebody meddled with it.
 * @throws CausewayError `approval_insufficient` for fewer than two of them, `key_unknown` for a signer that
 *   `officer` does not know, `signature_invalid`, and the codes of a header that says anything else
 */
export function actSigners(
  signed: SignedAct,
  officer: (thumbprint: string) => PublicJwk | undefined,
): string[] {
  const found = new Set<string>();
  for (const { protected: header, signature } of signed.signatures) {
    const kid = kidOfHeader(header);
    const key = typeof kid === 'string' ? officer(kid) : undefined;
    if (typeof kid !== 'string' || !key) {
      throw new CausewayError('key_unknown', {
        detail: 'kid is the RFC 7638 thumbprint of an officer of this authority.',
      });
    }
    checkHeader(header, { typ: 'causeway-act+jws', alg: 'Ed25519', kid });
    if (!signatureHolds(key, `${header}.${signed.payload}`, signature))
      throw new CausewayError('signature_invalid');
    found.add(kid);
  }
  if (found.size < officersMin) throw new CausewayError('approval_insufficient');
  return [...found].toSorted();
}
