import { sha256Base64url } from '#crypto';
import type { ErrorCode } from './errors.ts';
import { CausewayError } from './errors.ts';
import { sha256Digest, type Digest } from './digest.ts';
import { readCompact, type CompactStatement } from './compact.ts';
import type { KeyEntry, KeyLookup } from './key-lookup.ts';
import { memberOfKid, publicKey } from './keys.ts';
import { statementTypes, typOf, type ClaimsOf, type StatementType } from './statement-types.ts';
import { parseStrictJson } from './strict-json.ts';
import { suiteOf } from './suite.ts';

const verified: unique symbol = Symbol('verified');

/**
 * A statement whose signature, form, issuer, audience and time have been checked. Made here and nowhere else.
 */
export interface Verified<C> {
  readonly [verified]: true;
  readonly type: StatementType;
  readonly claims: C;
  readonly digest: Digest;
  readonly jws: string;
  readonly kid: string;
}

export interface VerifyContext {
  readonly keys: KeyLookup;
  readonly fed: string;
  readonly nowMs: number;
  /**
   * The member that must be addressed; 'any' where the reader is nobody's audience (evidence, a forwarded
   * part).
   */
  readonly audience: string;
  /**
   * `first`: from its issuer, so `iat` must be near. `forwarded`: judged by `exp` alone. `archived`: evidence
   * of the past, judged against the directory of its time and by neither.
   */
  readonly received: 'first' | 'forwarded' | 'archived';
  /** The member that must have signed. */
  readonly issuer?: string;
  /** Fewer characters than the type allows. */
  readonly maxBytes?: number;
}

/**
 * Verifies a statement of `type` over the bytes received. Throws CausewayError; the code says which step
 * failed and the pointer names the member at fault. Cheap steps come first, nothing is parsed before the
 * signature holds.
 */
export function verify<T extends StatementType>(
  type: T,
  jws: string,
  ctx: VerifyContext,
): Verified<ClaimsOf<T>> {
  const { bytesMax, check } = statementTypes[type];
  const compact = readCompact(jws, Math.min(bytesMax, ctx.maxBytes ?? bytesMax));
  if (compact.header.typ !== typOf(type)) throw at('statement_type', '/header/typ');
  const key = keyFor(compact, ctx.keys);
  if (!signatureHolds(jws, compact, key)) throw new CausewayError('signature_invalid');
  const payload = parseStrictJson(compact.payload);
  checkVersion(payload);
  const claims = check(payload);
  checkParties(claims, key, ctx);
  checkKey(type, claims.iat, key);
  checkAudience(claims.aud, ctx.audience);
  checkTime(type, claims, ctx);
  const digest = sha256Digest(compact.input);
  return { [verified]: true, type, claims, digest, jws, kid: compact.header.kid };
}

/** Statements whose signature was found good under a key, by the digest of both; nothing of what they say. */
const foundGood = new Set<string>();
const foundGoodMax = 4096;

/**
 * A node meets most statements several times within seconds, and a signature over the same bytes under the
 * same key stays good. Whether the key still counts is asked every time, by the checks that follow.
 */
function signatureHolds(jws: string, { input, signature }: CompactStatement, { jwk }: KeyEntry): boolean {
  const name = sha256Base64url(`${jwk.crv}.${jwk.x}.${jws}`);
  if (foundGood.has(name)) return true;
  if (!suiteOf(jwk).verify(publicKey(jwk), input, signature)) return false;
  if (foundGood.size >= foundGoodMax) foundGood.clear();
  foundGood.add(name);
  return true;
}

/** What a statement says of itself, for routing and for logs by digest. Nothing of it has been checked. */
export function readUnverified(jws: string): { header: CompactStatement['header']; claims: unknown } {
  const { header, payload } = readCompact(jws, statementTypes.report.bytesMax);
  return { header, claims: parseStrictJson(payload) };
}

function at(code: ErrorCode, pointer: string): CausewayError {
  return new CausewayError(code, { pointer });
}

/** kid is looked up only when it has the form of one; the key found decides the algorithm. */
function keyFor({ header }: CompactStatement, keys: KeyLookup): KeyEntry {
  const member = memberOfKid(header.kid);
  const key = member === undefined ? undefined : keys(header.kid);
  if (!key || key.member !== member) throw at('key_unknown', '/header/kid');
  if (header.alg !== suiteOf(key.jwk).alg) throw at('algorithm', '/header/alg');
  return key;
}

function checkVersion(payload: unknown): void {
  if (typeof payload !== 'object' || payload === null || !('v' in payload)) return;
  if (Number.isInteger(payload.v) && payload.v !== 1) throw at('statement_version', '/v');
}

function checkParties(claims: { fed: string; iss: string }, key: KeyEntry, ctx: VerifyContext): void {
  if (claims.fed !== ctx.fed) throw at('federation_mismatch', '/fed');
  if (claims.iss !== key.member) throw at('issuer_mismatch', '/iss');
  if (ctx.issuer !== undefined && claims.iss !== ctx.issuer) throw at('issuer_mismatch', '/iss');
}

function checkKey(type: StatementType, iat: number, key: KeyEntry): void {
  if (!key.use.includes(type)) throw at('key_use', '/header/kid');
  if (key.revoked_at !== undefined) throw at('key_revoked', '/header/kid');
  if (iat < key.from) throw at('key_not_yet_valid', '/header/kid');
  if (key.retired_at !== undefined && iat >= key.retired_at) throw at('key_retired', '/header/kid');
  if (key.member_status !== 'active') throw at('member_suspended', '/iss');
}

/** `all` is no member: only a type that is for everybody has it as its audience. */
function checkAudience(aud: string | readonly string[], audience: string): void {
  if (audience === 'any' || aud === 'all') return;
  const addressed = typeof aud === 'string' ? aud === audience : aud.includes(audience);
  if (!addressed) throw at('audience_mismatch', '/aud');
}

function checkTime(type: StatementType, claims: { iat: number; exp: number }, ctx: VerifyContext): void {
  if (claims.exp <= claims.iat) throw at('statement_malformed', '/exp');
  if (ctx.received === 'archived') return;
  const now = Math.floor(ctx.nowMs / 1000);
  if (now >= claims.exp) throw at('expired', '/exp');
  if (ctx.received === 'first' && Math.abs(now - claims.iat) > statementTypes[type].window) {
    throw at('time_window', '/iat');
  }
}
