import { seconds, uuidv7, type Clock, type Random } from '@causeway/kernel';
import { encodeBase64url } from './base64url.ts';
import { sha256Digest, type Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import { keyFor, type SignsWith } from './signing-keys.ts';
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
  const { aud, jti, iat, exp, ...rest } = claims;
  const key = keyFor(by.key, type);
  const own = {
    v: 1,
    fed: by.fed,
    iss: key.member,
    aud,
    jti: jti ?? uuidv7(by.clock, by.random),
    iat: iat ?? seconds(by.clock),
    exp,
    salt: encodeBase64url(by.random.bytes(16)),
  };
  const payload = JSON.stringify({ ...own, ...rest, ...own });
  const { check, bytesMax } = statementTypes[type];
  const checked = check(parseStrictJson(payload, { bytesMax }));
  const suite = suiteOf(key.jwk);
  const header = JSON.stringify({ typ: typOf(type), alg: suite.alg, kid: key.kid });
  const input = `${encodeBase64url(encoder.encode(header))}.${encodeBase64url(encoder.encode(payload))}`;
  const jws = `${input}.${encodeBase64url(suite.sign(key.private, input))}`;
  if (jws.length > bytesMax) throw new CausewayError('body_too_large');
  return { jws, digest: sha256Digest(input), claims: checked };
}
