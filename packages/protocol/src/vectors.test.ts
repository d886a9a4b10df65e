import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import type { ErrorCode } from './errors.ts';
import type { KeyEntry } from './key-lookup.ts';
import { checkPublicKey } from './keys.ts';
import { checkAssertion } from './passkey-assertion.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import type { StatementType } from './statement-types.ts';
import { parseStrictJson } from './strict-json.ts';
import { verify, type VerifyContext } from './verify.ts';

/** A neutral file: other implementations run the same vectors. Each `comment` is the name of a test. */
interface VectorFile<V> {
  readonly about: string;
  readonly vectors: readonly ({ readonly comment: string } & V)[];
}

interface StatementFile<V> extends VectorFile<StatementVector & V> {
  readonly fed: string;
  readonly keys: readonly (KeyEntry & { readonly kid: string })[];
}

interface StatementVector {
  readonly type: StatementType;
  readonly audience: string;
  readonly received: VerifyContext['received'];
  /** Seconds since the epoch. */
  readonly now: number;
  readonly jws: string;
}

const read = <F>(name: string): F =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as F;

const contextOf = ({ keys, fed }: StatementFile<unknown>, vector: StatementVector): VerifyContext => ({
  keys: (kid) => keys.find((key) => key.kid === kid),
  fed,
  nowMs: vector.now * 1000,
  audience: vector.audience,
  received: vector.received,
});

const valid = read<StatementFile<{ digest: string; claims: unknown }>>('statements-valid');
describe('vectors: statements that are accepted', () => {
  it.each(valid.vectors)('$comment', (vector) => {
    const { digest, claims } = verify(vector.type, vector.jws, contextOf(valid, vector));
    expect({ digest, claims }).toEqual({ digest: vector.digest, claims: vector.claims });
  });
});

const invalid = read<StatementFile<{ code: ErrorCode; pointer?: string }>>('statements-invalid');
describe('vectors: statements that are refused', () => {
  it.each(invalid.vectors)('$comment', (vector) => {
    const { code, pointer } = refusal(() => verify(vector.type, vector.jws, contextOf(invalid, vector)));
    expect({ code, pointer }).toEqual({ code: vector.code, pointer: vector.pointer });
  });
});

describe('vectors: JSON that is accepted', () => {
  it.each(read<VectorFile<{ text: string; value: unknown }>>('strict-json-valid').vectors)(
    '$comment',
    ({ text, value }) => expect(parseStrictJson(text)).toEqual(value),
  );
});

describe('vectors: JSON that is refused', () => {
  it.each(read<VectorFile<{ text: string }>>('strict-json-invalid').vectors)('$comment', ({ text }) => {
    expect(codeOf(() => parseStrictJson(text))).toBe('statement_malformed');
  });
});

describe('vectors: base64url', () => {
  it.each(read<VectorFile<{ text: string; hex: string | null }>>('base64url').vectors)(
    '$comment',
    ({ text, hex }) => {
      const code = codeOf(() => decodeBase64url(text));
      expect(code).toBe(hex === null ? 'statement_malformed' : 'accepted');
      expect(hex === null || encodeBase64url(Buffer.from(hex, 'hex')) === text).toBe(true);
    },
  );
});

describe('S18 vectors: public keys that cannot be enrolled', () => {
  it.each(read<VectorFile<{ hex: string }>>('public-keys-invalid').vectors)('S18 $comment', ({ hex }) => {
    const x = encodeBase64url(Buffer.from(hex, 'hex'));
    expect(codeOf(() => checkPublicKey({ kty: 'OKP', crv: 'Ed25519', x }))).toBe('weak_key');
  });
});

describe('vectors: what a passkey has signed', () => {
  type Expected = Parameters<typeof checkAssertion>[1];
  const file = read<
    VectorFile<{ assertion: unknown; pointer?: string }> &
      Pick<Expected, 'challenge' | 'party'> &
      Expected['enrolment']
  >('assertions');
  it.each(file.vectors)('$comment', ({ assertion, pointer }) => {
    const told = refusal(() => checkAssertion(assertion, { ...file, enrolment: file }));
    expect(told.code).toBe(pointer === undefined ? 'accepted' : 'assertion_invalid');
    expect(told.pointer).toBe(pointer);
  });
});
