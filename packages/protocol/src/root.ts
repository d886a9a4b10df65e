import { Type, type Static } from 'typebox';
import { ed25519Sign } from '#crypto';
import { rule, type ClaimRule } from './claim-rule.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import {
  commonClaims,
  digestSchema,
  exact,
  memberIdSchema,
  timeSchema,
  versionSchema,
} from './claim-types.ts';
import { hash43Pattern, sha256Digest, type Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import { signingKeyFromJwk, thumbprint, type PrivateJwk, type PublicJwk } from './keys.ts';
import { publicJwkSchema } from './member-entry.ts';
import { schemaCheck } from './schema-check.ts';
import { parseStrictJson } from './strict-json.ts';

/**
 * What a root file says: the only place that names directory, policy, CA and witness keys. Times in seconds.
 */
export const rootPayloadSchema = exact({
  v: Type.Literal(1),
  fed: commonClaims.fed,
  version: versionSchema,
  /** Fingerprint of the version before this one; the first has none. */
  previous: Type.Optional(digestSchema),
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
    { minItems: 1, maxItems: 32 },
  ),
});

export type RootFile = Static<typeof rootFileSchema>;

const payloadRules: readonly ClaimRule<RootPayload>[] = [
  rule('/threshold', 'must not exceed the number of root keys', (p) => p.threshold <= p.root_keys.length),
  rule(
    '/root_keys',
    'must be distinct',
    (p) => new Set(p.root_keys.map(thumbprint)).size === p.root_keys.length,
  ),
  rule('/expires_at', 'must be later than issued_at', (p) => p.expires_at > p.issued_at),
  rule(
    '/previous',
    'must be there from version 2 on',
    (p) => (p.version === 1) === (p.previous === undefined),
  ),
];

const checkPayload = schemaCheck(rootPayloadSchema, payloadRules, 'directory_invalid');

/** What a root file says, by its form alone; who signed it is another question. */
export function readRootPayload({ payload }: Pick<RootFile, 'payload'>): RootPayload {
  return checkPayload(parseStrictJson(decodeBase64url(payload, '/payload')));
}

/** A prefix that no statement can begin with, so that neither signature can pass for the other. */
export const rootSigningInput = (payload: string): string => `causeway-root.${payload}`;

/**
 * Signs a root payload with each of `keys`. A version after the first needs the quorum of its own root keys
 * and of those of the version before, `previous`. Throws `directory_invalid` for a key of neither.
 */
export function signRoot(
  payload: RootPayload,
  keys: readonly PrivateJwk[],
  previous?: Pick<RootPayload, 'root_keys'>,
): RootFile {
  const text = new TextEncoder().encode(JSON.stringify(payload));
  return cosignRoot({ payload: encodeBase64url(text), signatures: [] }, keys, previous);
}

/** Adds signatures to a root file that others have signed or not yet: for holders who meet by post. */
export function cosignRoot(
  file: RootFile,
  keys: readonly PrivateJwk[],
  previous?: Pick<RootPayload, 'root_keys'>,
): RootFile {
  const holders: readonly PublicJwk[] = [
    ...readRootPayload(file).root_keys,
    ...(previous === undefined ? [] : previous.root_keys),
  ];
  const named = new Set(holders.map(thumbprint));
  const added = keys.map((jwk) => {
    const kid = thumbprint(jwk);
    if (!named.has(kid)) throw new CausewayError('directory_invalid', { detail: 'This is no root key.' });
    const { private: key } = signingKeyFromJwk('root', jwk);
    return { kid, signature: encodeBase64url(ed25519Sign(key, rootSigningInput(file.payload))) };
  });
  const kept = file.signatures.filter(({ kid }) => !added.some((each) => each.kid === kid));
  return { payload: file.payload, signatures: [...kept, ...added] };
}

/** The fingerprint that members configure out of band: the digest of the payload's bytes. */
export function rootFingerprint(file: Pick<RootFile, 'payload'>): Digest {
  return sha256Digest(decodeBase64url(file.payload, '/payload'));
}
