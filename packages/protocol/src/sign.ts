import { limits, seconds, uuidv7, type Clock, type Random } from '@causeway/kernel';
import { encodeBase64url } from './base64url.ts';
import { sha256Digest, type Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import type { SigningKey } from './keys.ts';
import { schemaCheck } from './schema-check.ts';
import { keyFor, type SignsWith } from './signing-keys.ts';
import { disclosureFrameSchema } from './statements/disclosure.ts';
import { statementTypes, typOf, type ClaimsOf, type StatementType } from './statement-types.ts';
import { parseStrictJson } from './strict-json.ts';
import { suiteOf } from './suite.ts';

type FilledIn = 'v' | 'fed' | 'iss' | 'jti' | 'iat' | 'salt';

/**
 * What the caller says; `jti` and `iat` are filled in unless given, the other members of `FilledIn` always.
 */
export type UnsignedClaims<T extends StatementType> = Omit<ClaimsOf<T>, FilledIn> &
  Partial<Pick<ClaimsOf<T>, 'jti' | 'iat'>>;

interface Signer {
  readonly key: SignsWith;
  readonly fed: string;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Signed<T extends StatementType> {
  readonly jws: string;
  readonly digest: Digest;
  readonly claims: ClaimsOf<T>;
}

const encoder = new TextEncoder();

/**
 * Signs a statement of `type`. What it signs has been read back through the receiver's own parser and schema,
 * so that nothing leaves which no one would accept. Throws `statement_malformed` naming the member at fault.
 */
export function sign<T extends StatementType>(type: T, claims: UnsignedClaims<T>, by: Signer): Signed<T> {
  const { checked, payload } = written(type, claims, by);
  return { ...compact(type, payload, by), claims: checked };
}

/** A statement without its signature: what it says is fixed, and by its digest somebody can agree to it. */
export interface Composed<T extends StatementType> {
  /** `header.payload`, which is what will be signed. */
  readonly input: string;
  readonly digest: Digest;
  readonly claims: ClaimsOf<T>;
}

/** Composes a statement that is signed later, by `signComposed`. Throws as `sign`. */
export function compose<T extends StatementType>(
  type: T,
  claims: UnsignedClaims<T>,
  by: Signer,
): Composed<T> {
  const { checked, payload } = written(type, claims, by);
  const input = inputOf(type, payload, keyFor(by.key, type));
  return { input, digest: sha256Digest(input), claims: checked };
}

/**
 * Signs what this member composed before, with the key that it names. The receiver's window for `iat` counts
 * from then. Throws `conflict` where another key signs by now.
 */
export function signComposed<T extends StatementType>(
  type: T,
  { claims, digest, input }: Composed<T>,
  by: Pick<Signer, 'key'>,
): Signed<T> {
  const key = keyFor(by.key, type);
  if (!input.startsWith(`${headerOf(type, key)}.`)) {
    throw new CausewayError('conflict', { detail: 'The key has changed since. Begin anew.' });
  }
  return { jws: signedInput(type, input, key), digest, claims };
}

function written<T extends StatementType>(
  type: T,
  claims: UnsignedClaims<T>,
  by: Signer,
): { payload: string; checked: ClaimsOf<T> } {
  const payload = JSON.stringify(filledIn(claims, by));
  const { check, bytesMax } = statementTypes[type];
  return { payload, checked: check(parseStrictJson(payload, { bytesMax })) };
}

const checkFrame = schemaCheck(disclosureFrameSchema);

/**
 * Signs a disclosure whose records are JSON texts of the canonical model, as they were checked when they were
 * stored: what a receiver would refuse in the rest of it is refused here. Throws `statement_malformed`.
 */
export function signDisclosure(
  claims: Omit<UnsignedClaims<'disclosure'>, 'records'>,
  records: readonly string[],
  by: Signer,
): Omit<Signed<'disclosure'>, 'claims'> {
  const frame = checkFrame(filledIn(claims, by));
  if ((frame.outcome === 'answered') !== records.length > 0 || records.length > limits.recordsMax) {
    throw new CausewayError('statement_malformed', { pointer: '/records' });
  }
  const text = JSON.stringify(frame);
  return compact('disclosure', `${text.slice(0, -1)},"records":[${records.join(',')}]}`, by);
}

/** The claims with what the caller leaves to us, which nothing that the caller says can replace. */
function filledIn(
  claims: Pick<ClaimsOf<StatementType>, 'aud' | 'exp'> & { jti?: string; iat?: number },
  by: Signer,
) {
  const { aud, jti, iat, exp, ...rest } = claims;
  const own = {
    v: 1 as const,
    fed: by.fed,
    iss: by.key.member,
    aud,
    jti: jti ?? uuidv7(by.clock, by.random),
    iat: iat ?? seconds(by.clock),
    exp,
    salt: encodeBase64url(by.random.bytes(16)),
  };
  return { ...own, ...rest, ...own };
}

function compact(type: StatementType, payload: string, by: Signer): { jws: string; digest: Digest } {
  const key = keyFor(by.key, type);
  const input = inputOf(type, payload, key);
  return { jws: signedInput(type, input, key), digest: sha256Digest(input) };
}

function headerOf(type: StatementType, key: SigningKey): string {
  const header = JSON.stringify({ typ: typOf(type), alg: suiteOf(key.jwk).alg, kid: key.kid });
  return encodeBase64url(encoder.encode(header));
}

const inputOf = (type: StatementType, payload: string, key: SigningKey): string =>
  `${headerOf(type, key)}.${encodeBase64url(encoder.encode(payload))}`;

function signedInput(type: StatementType, input: string, key: SigningKey): string {
  const jws = `${input}.${encodeBase64url(suiteOf(key.jwk).sign(key.private, input))}`;
  if (jws.length > statementTypes[type].bytesMax) throw new CausewayError('body_too_large');
  return jws;
}
