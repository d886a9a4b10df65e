import { createHash, createPublicKey, verify } from 'node:crypto';

import type { Clock } from '@causeway/kernel';
import { CausewayError, checkPublicKey } from '@causeway/protocol';
import { publicKey, thumbprint } from '@causeway/protocol/keys';
import { suiteOf } from '@causeway/protocol/suite';

import { readJose } from './jose-parts.ts';
import type { JsonObject } from './jose-parts.ts';

export interface DpopRequest {
  /** The value of the one `DPoP` header. */
  readonly proof: string;
  readonly method: string;
  /**
   * The address of the request as members write it: scheme, host and path; never built from the Host header.
   */
  readonly url: string;
  readonly accessToken: string;
  /** `cnf.jkt` of the access token. */
  readonly thumbprint: string;
}

/** What the replay store must see once, and until when it must remember it. */
export interface CheckedProof {
  readonly replayKey: string;
  readonly expiresAtMs: number;
}

const proofHeader = new Set(['typ', 'alg', 'jwk']);
const windowMs = 60_000;

/**
 * All checks of RFC 9449 section 4.3 but the last: that the proof was not seen before is the replay store's
 * answer. Pure, and no outbound call.
 * @throws CausewayError dpop_invalid; the reason is in the log only
 */
export function checkProof(request: DpopRequest, clock: Clock): CheckedProof {
  const parts = readJose(request.proof, proofHeader);
  if (parts === undefined) throw refused('not a strict JWS with typ, alg and jwk');
  const { header, payload } = parts;
  if (header['typ'] !== 'dpop+jwt') throw refused('typ');
  const key = readKey(header['alg'], header['jwk']);
  if (!key.verify(parts.signingInput, parts.signature)) throw refused('signature');
  if (key.thumbprint !== request.thumbprint) throw refused('key is not the one of the token');
  checkClaims(payload, request);
  const issuedMs = checkTime(payload['iat'], clock);
  const jti = payload['jti'];
  if (typeof jti !== 'string' || jti.length === 0 || jti.length > 256) throw refused('jti');
  return {
    replayKey: `dpop:${sha256(`${key.thumbprint}.${jti}`)}`,
    expiresAtMs: issuedMs + 2 * windowMs,
  };
}

function checkClaims(payload: JsonObject, request: DpopRequest): void {
  if (payload['htm'] !== request.method) throw refused('htm');
  const htu = payload['htu'];
  if (typeof htu !== 'string' || withoutQuery(htu) !== withoutQuery(request.url)) throw refused('htu');
  if (payload['ath'] !== sha256(request.accessToken)) throw refused('ath');
}

function checkTime(iat: unknown, clock: Clock): number {
  if (typeof iat !== 'number' || Math.abs(iat * 1000 - clock.now()) > windowMs) throw refused('iat');
  return iat * 1000;
}

/** Scheme, host and path in RFC 3986 normal form; query and fragment do not count. */
function withoutQuery(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  return `${url.origin}${url.pathname}`;
}

interface ProofKey {
  readonly verify: (input: string, signature: Uint8Array) => boolean;
  readonly thumbprint: string;
}

function readKey(alg: unknown, jwk: unknown): ProofKey {
  if (typeof jwk !== 'object' || jwk === null) throw refused('jwk');
  try {
    if (alg === 'EdDSA' || alg === 'Ed25519') return edwardsKey(jwk);
    if (alg === 'ES256') return p256Key(jwk);
  } catch (cause) {
    throw refused('jwk', cause);
  }
  throw refused('alg');
}

function edwardsKey(jwk: object): ProofKey {
  const checked = checkPublicKey(pick(jwk, ['kty', 'crv', 'x']));
  const key = publicKey(checked);
  return {
    verify: (input, signature) => suiteOf(checked).verify(key, input, signature),
    thumbprint: thumbprint(checked),
  };
}

function p256Key(jwk: object): ProofKey {
  const { kty, crv, x, y } = pick(jwk, ['kty', 'crv', 'x', 'y']);
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') throw refused('jwk');
  if (x.length !== 43 || y.length !== 43) throw refused('jwk');
  const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  const inPairs = { key, dsaEncoding: 'ieee-p1363' } as const;
  return {
    verify: (input, signature) =>
      signature.length === 64 && verify('sha256', Buffer.from(input), inPairs, signature),
    thumbprint: sha256(JSON.stringify({ crv, kty, x, y })),
  };
}

/** Exactly these members, and beside them only names without meaning here; a private part is refused. */
function pick(jwk: object, names: readonly string[]): Record<string, unknown> {
  const harmless = new Set(['kid', 'use', 'alg', 'key_ops', 'ext']);
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(jwk)) {
    if (names.includes(name)) out[name] = value;
    else if (!harmless.has(name)) throw refused('jwk holds more than a public key');
  }
  return out;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function refused(internal: string, cause?: unknown): CausewayError {
  return new CausewayError('dpop_invalid', { internal, ...(cause === undefined ? {} : { cause }) });
}
