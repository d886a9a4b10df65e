import { Type, type Static } from 'typebox';
import { PurposeSchema } from '@causeway/records';
import { uuidv7Pattern } from '@causeway/kernel';
import {
  bureausSchema,
  categoriesSchema,
  commonClaims,
  digestSchema,
  exact,
  subjectRefSchema,
  timeSchema,
} from './claim-types.ts';
import { sha256Digest, type Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import { thumbprint, type PublicJwk } from './keys.ts';
import type { MemberEntry } from './member-entry.ts';
import { actSigners, type SignedAct } from './officer-act.ts';
import { readPayload } from './signed-json.ts';

/**
 * What two officers of the authority allow without the subject's consent: one inquiry about one subject,
 * exactly as it stands here. Times in seconds since the epoch.
 */
export const warrantSchema = exact({
  fed: commonClaims.fed,
  iat: timeSchema,
  /** The act's id: each counts once. */
  jti: Type.String({ pattern: uuidv7Pattern }),
  act: Type.Literal('warrant'),
  purpose: PurposeSchema,
  subject_ref: subjectRefSchema,
  categories: categoriesSchema,
  /** By name, never "all". */
  bureaus: bureausSchema,
  /** Digest of the court's or supervisor's paper. */
  paper: digestSchema,
  valid_from: timeSchema,
  valid_until: timeSchema,
});

export type Warrant = Static<typeof warrantSchema>;

declare const sound: unique symbol;

/** A warrant whose officers' signatures have been checked. Made by `verifyWarrant` only. */
export interface SoundWarrant {
  readonly [sound]: true;
  readonly warrant: Warrant;
  /** Over the payload: who signed it changes nothing. */
  readonly digest: Digest;
  /** Thumbprints of the officers, sorted. */
  readonly officers: readonly string[];
}

/**
 * Checks a warrant under the officers' keys that the directory lists for warrants in the authority's entry.
 * @throws CausewayError as `actSigners`, `federation_mismatch`, `statement_malformed` for one that does not
 *   match the schema or is valid at no time
 */
export function verifyWarrant(
  signed: SignedAct,
  context: { readonly fed: string; readonly authority: Pick<MemberEntry, 'keys'> },
): SoundWarrant {
  const warrant = readPayload(warrantSchema, signed.payload);
  const officers = actSigners(signed, officersAt(context.authority, warrant.iat));
  if (warrant.fed !== context.fed) throw new CausewayError('federation_mismatch', { pointer: '/fed' });
  if (warrant.valid_until <= warrant.valid_from) {
    throw new CausewayError('statement_malformed', { pointer: '/valid_until' });
  }
  return { warrant, digest: sha256Digest(signed.payload), officers } as unknown as SoundWarrant;
}

/**
 * Keys by thumbprint that could sign a warrant at this second: what a retired one signed before stays good.
 */
function officersAt({ keys }: Pick<MemberEntry, 'keys'>, iat: number) {
  const standing = keys.filter(
    ({ from, retired_at: retired, revoked_at: revoked, use }) =>
      use.includes('warrant') &&
      from <= iat &&
      (retired === undefined || iat < retired) &&
      revoked === undefined,
  );
  const byThumbprint = new Map(standing.map(({ jwk }) => [thumbprint(jwk), jwk]));
  return (kid: string): PublicJwk | undefined => byThumbprint.get(kid);
}
