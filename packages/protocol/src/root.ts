import { Type, type Static } from 'typebox';
import { ed25519Sign, ed25519Verify } from '#crypto';
import { rule, type ClaimRule } from './claim-rule.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { commonClaims, exact, memberIdSchema, timeSchema, versionSchema } from './claim-types.ts';
import { hash43Pattern, sha256Digest, type Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import { checkPublicKey, publicKey, signingKeyFromJwk, thumbprint, type PrivateJwk } from './keys.ts';
import { publicJwkSchema } from './member-entry.ts';
import { schemaCheck } from './schema-check.ts';
import { parseStrictJson } from './strict-json.ts';

/**
 * What the root file says: the only place that names directory, policy, CA and witness keys. Times in
 * seconds.
 */
export const rootPayloadSchema = exact({
  v: Type.Literal(1),
  fed: commonClaims.fed,
  version: versionSchema,
  /** How many of `root_keys` must have signed. */
  threshold: Type.Integer({ minimum: 1, maximum: 16 }),
  root_keys: Type.Array(publicJwkSchema, { minItems: 1, maxItems: 16 }),
  keys: Type.Array(
    exact({
      use: Type.Enum(['directory', 'policy', 'witness']),
      member: memberIdSchema,
      jwk: publicJwkSchema,
      from: timeSchema,
    }),
    { minItems: 1, maxItems: 64 },
  ),
  /** PEM certificates of the authorities that issue federation certificates. */
  ca: Type.Array(Type.String({ pattern: '^-----BEGIN CERTIFICATE-----\\n', maxLength: 16_384 }), {
    maxItems: 8,
  }),
  issued_at: timeSchema,
  expires_at: timeSchema,
});

export type RootPayload = Static<typeof rootPayloadSchema>;

export const rootFileSchema = exact({
  /** base64url of the JSON, whose bytes are what is signed and fingerprinted. */
  payload: Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 262_144 }),
  signatures: Type.Array(
    exact({
      /** RFC 7638 thumbprint of the root key. */
      kid: Type.String({ pattern: `^${hash43Pattern}$` }),
      signature: Type.String({ pattern: '^[A-Za-z0-9_-]{86}$' }),
    }),
    { minItems: 1, maxItems: 16 },
  ),
});

export type RootFile = Static<typeof rootFileSchema>;

const trusted: unique symbol = Symbol('trusted root');

/** A root file whose fingerprint, signatures, keys and time have been checked. Made by `verifyRoot` alone. */
export interface TrustedRoot extends RootPayload {
  readonly [trusted]: true;
  readonly file: RootFile;
}

const payloadRules: readonly ClaimRule<RootPayload>[] = [
  rule('/threshold', 'must not exceed the number of root keys', (p) => p.threshold <= p.root_keys.length),
  rule(
    '/root_keys',
    'must be distinct',
    (p) => new Set(p.root_keys.map(thumbprint)).size === p.root_keys.length,
  ),
  rule('/expires_at', 'must be later than issued_at', (p) => p.expires_at > p.issued_at),
];

const checkPayload = schemaCheck(rootPayloadSchema, payloadRules, 'directory_invalid');
const checkFile = schemaCheck(rootFileSchema, [], 'directory_invalid');

/** A prefix that no statement can begin with, so that neither signature can pass for the other. */
const signingInput = (payload: string): string => `causeway-root.${payload}`;

/**
 * Signs a root payload with each of `keys`, which must be among its root keys. Throws `directory_invalid`.
 */
export function signRoot(payload: RootPayload, keys: readonly PrivateJwk[]): RootFile {
  const text = JSON.stringify(payload);
  const named = new Set(checkPayload(parseStrictJson(text)).root_keys.map(thumbprint));
  const encoded = encodeBase64url(new TextEncoder().encode(text));
  const signatures = keys.map((jwk) => {
    const kid = thumbprint(jwk);
    if (!named.has(kid)) throw new CausewayError('directory_invalid', { detail: 'This is no root key.' });
    const { private: key } = signingKeyFromJwk('root', jwk);
    return { kid, signature: encodeBase64url(ed25519Sign(key, signingInput(encoded))) };
  });
  return { payload: encoded, signatures };
}

/** The fingerprint that members configure out of band: the digest of the payload's bytes. */
export function rootFingerprint(file: RootFile): Digest {
  return sha256Digest(decodeBase64url(file.payload, '/payload'));
}

/**
 * Checks a root file against the fingerprint configured out of band, then its quorum, its keys and its time.
 * Throws `anchor_mismatch`, `signature_invalid`, `weak_key`, `expired` or `directory_invalid`.
 */
export function verifyRoot(file: unknown, anchor: Digest, nowMs: number): TrustedRoot {
  const checked = checkFile(file);
  if (rootFingerprint(checked) !== anchor) throw new CausewayError('anchor_mismatch');
  const payload = checkPayload(parseStrictJson(decodeBase64url(checked.payload, '/payload')));
  for (const { jwk } of payload.keys) checkPublicKey(jwk);
  const keys = new Map(payload.root_keys.map((jwk) => [thumbprint(jwk), checkPublicKey(jwk)]));
  const good = new Set<string>();
  for (const { kid, signature } of checked.signatures) {
    const jwk = keys.get(kid);
    const bytes = decodeBase64url(signature, '/signatures');
    if (jwk && ed25519Verify(publicKey(jwk), signingInput(checked.payload), bytes)) good.add(kid);
  }
  if (good.size < payload.threshold) {
    throw new CausewayError('signature_invalid', { detail: 'Too few root keys have signed the root file.' });
  }
  if (Math.floor(nowMs / 1000) >= payload.expires_at)
    throw new CausewayError('expired', { pointer: '/expires_at' });
  return { ...payload, [trusted]: true, file: checked };
}
