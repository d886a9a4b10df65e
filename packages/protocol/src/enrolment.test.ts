import { describe, expect, it } from 'vitest';
import { enrolmentClaims, examples, flip } from './chain.fixture.ts';
import {
  clockAt,
  context,
  directoryWith,
  entryOf,
  fed,
  keyOf,
  now,
  randomFrom,
  signRaw,
} from './federation.fixture.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import { compose, signComposed } from './sign.ts';
import { statementUses } from './statement-types.ts';
import { verify } from './verify.ts';

const { signed } = examples.enrolment;
const read = (jws: string, audience = 'central') => verify('enrolment', jws, context(audience)).claims;
const raw = (change: object, by = 'consumer'): string =>
  signRaw(by, 'enrolment', { payload: { ...signed.claims, iss: by, ...change } });

describe('an enrolment', () => {
  it.each(['central', 'lotus', 'authority'])('is for whoever verifies, %s too', (reader) => {
    expect(read(signed.jws, reader)).toEqual(signed.claims);
  });

  it('is signed by consumer services, as the directory says of their keys', () => {
    expect(statementUses(['consumer'])).toContain('enrolment');
    expect(statementUses(['bureau', 'broker', 'lender'])).not.toContain('enrolment');
  });
});

describe('an enrolment is refused', () => {
  it.each(['broker', 'central', 'abc-bank'])('signed by %s', (member) => {
    expect(codeOf(() => read(raw({}, member)))).toBe('key_use');
  });

  it('altered in any part', () => {
    for (const [part, at] of [
      [0, 3],
      [1, 40],
      [1, 200],
      [2, 7],
    ] as const)
      expect(codeOf(() => read(flip(signed.jws, part, at)))).not.toBe('accepted');
  });

  const { public_key: key } = enrolmentClaims;
  it.each([
    ['/aud', { aud: 'central' }],
    ['/subject_ref', { subject_ref: '110101199001011234' }],
    ['/credential_id', { credential_id: 'a b' }],
    ['/credential_id', { credential_id: 'A'.repeat(1365) }],
    ['/evidence', { evidence: undefined }],
    ['/replaces', { replaces: null }],
    ['/id_token', { id_token: 'x' }],
    ['/public_key', { public_key: { ...key, y: 'x' in key ? key.x : '' } }],
    ['/public_key', { public_key: { ...key, d: 'AAAA' } }],
    ['/public_key', { public_key: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } }],
    ['/public_key', { public_key: { kty: 'RSA', n: 'A'.repeat(342), e: 'AQAB' } }],
    ['/public_key', { public_key: { kty: 'RSA', n: 'A'.repeat(342), e: 'AQ' } }],
    ['/public_key', { public_key: { kty: 'oct', k: 'AAAA' } }],
  ])('with another %s', (pointer, change) => {
    const at = refusal(() => read(raw(change)));
    expect(at.code).toBe('statement_malformed');
    expect(at.pointer?.startsWith(pointer)).toBe(true);
  });
});

describe('whom passkeys sign for', () => {
  const passkeys = {
    rp_id: 'portal.example',
    origins: ['https://a.portal.example', 'https://portal.example:8443'],
  };

  it('stands in the entry of a consumer service', () => {
    const { view } = directoryWith([entryOf('consumer', { passkeys })]);
    expect(view.member('consumer')?.passkeys).toEqual(passkeys);
  });

  it.each([
    ['broker', passkeys],
    ['consumer', { ...passkeys, origins: ['https://evilportal.example'] }],
    ['consumer', { ...passkeys, origins: ['https://portal.example/path'] }],
    ['consumer', { ...passkeys, origins: [] }],
    ['consumer', { ...passkeys, rp_id: '' }],
  ])('is refused of %s as %j', (member, given) => {
    expect(codeOf(() => directoryWith([entryOf(member, { passkeys: given })]))).toBe('directory_invalid');
  });
});

describe('a statement that is composed before it is signed', () => {
  const by = { key: keyOf('consumer'), fed, clock: clockAt(now), random: randomFrom(7) };

  it('has the digest that was agreed to, and verifies', () => {
    const composed = compose('enrolment', enrolmentClaims, by);
    const { digest, jws } = signComposed('enrolment', composed, by);
    expect(digest).toBe(composed.digest);
    expect(verify('enrolment', jws, context('central')).digest).toBe(digest);
  });

  it('is not signed by another key, or as another type', () => {
    const composed = compose('enrolment', enrolmentClaims, by);
    expect(codeOf(() => signComposed('enrolment', composed, { key: keyOf('broker') }))).toBe('conflict');
    const other = composed as unknown as Parameters<typeof signComposed<'consent'>>[1];
    expect(codeOf(() => signComposed('consent', other, by))).toBe('conflict');
  });

  it('is refused where nobody would accept it', () => {
    expect(codeOf(() => compose('enrolment', { ...enrolmentClaims, credential_id: '' }, by))).toBe(
      'statement_malformed',
    );
  });
});
