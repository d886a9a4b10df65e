import { describe, expect, it } from 'vitest';
import { encodeBase64url } from './base64url.ts';
import { sha256Digest } from './digest.ts';
import { entryOf, fed, memberKey, newKey, now, subject } from './federation.fixture.ts';
import { thumbprint, type SigningKey } from './keys.ts';
import { parseMemberEntry, type MemberEntry } from './member-entry.ts';
import type { SignedAct } from './officer-act.ts';
import { refusal } from './refusal.fixture.ts';
import { suiteOf } from './suite.ts';
import { verifyWarrant } from './warrant.ts';

const [lin, zhao, stranger] = [newKey('authority'), newKey('authority'), newKey('authority')];
const part = (value: unknown): string => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));

function signed(
  by: readonly SigningKey[] = [lin, zhao],
  change: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): SignedAct {
  const payload = part({
    ...{ fed, iat: now, jti: '0199aaaa-0000-7000-8000-000000000001', act: 'warrant', purpose: 'JUDICIAL' },
    ...{ subject_ref: subject, categories: ['ACCOUNT_SUMMARY'], bureaus: ['central'] },
    ...{ paper: sha256Digest('paper'), valid_from: now, valid_until: now + 60, ...change },
  });
  const signatures = by.map(({ jwk, private: secret }) => {
    const top = part({ typ: 'causeway-act+jws', alg: 'Ed25519', kid: thumbprint(jwk), ...header });
    const signature = encodeBase64url(suiteOf(jwk).sign(secret, `${top}.${payload}`));
    return { protected: top, signature };
  });
  return { payload, signatures };
}

/** The authority's entry with both officers, their keys in this standing. */
const authority = (times: Parameters<typeof memberKey>[2] = {}, use = ['warrant']): MemberEntry =>
  entryOf('broker', {
    id: 'authority',
    roles: ['authority'],
    keys: [lin, zhao].map(({ jwk }) => memberKey(jwk, use, times)),
  });

const codeOf = (act: SignedAct, entry = authority()): string =>
  refusal(() => verifyWarrant(act, { fed, authority: entry })).code;

describe('a warrant', () => {
  it('of two officers is sound, and its digest says nothing of who signed', () => {
    const one = verifyWarrant(signed(), { fed, authority: authority() });
    const other = verifyWarrant(signed([zhao, lin]), { fed, authority: authority() });
    expect(one.warrant).toMatchObject({ purpose: 'JUDICIAL', subject_ref: subject });
    expect(other.digest).toBe(one.digest);
    expect(one.officers).toHaveLength(2);
  });

  it('S11 stays good when a key is retired afterwards', () => {
    expect(codeOf(signed(), authority({ retired_at: now + 1 }))).toBe('accepted');
  });

  it.each<[string, string, SignedAct, MemberEntry]>([
    ['of one officer', 'approval_insufficient', signed([lin]), authority()],
    ['of one officer twice', 'approval_insufficient', signed([lin, lin]), authority()],
    ['of nobody', 'approval_insufficient', signed([]), authority()],
    ['with a stranger beside them', 'key_unknown', signed([lin, zhao, stranger]), authority()],
    ['under keys not valid yet', 'key_unknown', signed(), authority({ from: now + 1 })],
    ['under keys retired before', 'key_unknown', signed(), authority({ retired_at: now })],
    ['under revoked keys', 'key_unknown', signed(), authority({ revoked_at: now + 9 })],
    ['under keys for something else', 'key_unknown', signed(), authority({}, ['inquiry'])],
    [
      'of another type',
      'statement_type',
      signed([lin, zhao], {}, { typ: 'causeway-grant+jws' }),
      authority(),
    ],
    ['with alg none', 'algorithm', signed([lin, zhao], {}, { alg: 'none' }), authority()],
    ['with a header more', 'header_not_permitted', signed([lin, zhao], {}, { crit: 'x' }), authority()],
    ['of another federation', 'federation_mismatch', signed([lin, zhao], { fed: 'other' }), authority()],
    ['valid at no time', 'statement_malformed', signed([lin, zhao], { valid_until: now }), authority()],
    ['with an unknown member', 'statement_malformed', signed([lin, zhao], { also: 1 }), authority()],
    ['for all bureaus', 'statement_malformed', signed([lin, zhao], { bureaus: [] }), authority()],
  ])('S33 %s is refused', (_what, code, act, entry) => {
    expect(codeOf(act, entry)).toBe(code);
  });

  it('S3 whose payload was exchanged is refused', () => {
    const other = signed([lin, zhao], { categories: ['PUBLIC_RECORD'] });
    expect(codeOf({ ...signed(), payload: other.payload })).toBe('signature_invalid');
  });
});

describe('keys for warrants', () => {
  const parsed = (entry: MemberEntry): string => refusal(() => parseMemberEntry(JSON.stringify(entry))).code;

  it('stand in the entry of an authority, and are for nothing else', () => {
    expect(parsed(authority())).toBe('accepted');
    const lender = { ...authority(), id: 'abc-bank', roles: ['lender' as const] };
    expect(parsed(lender)).toBe('directory_invalid');
    expect(parsed(authority({}, ['warrant', 'inquiry']))).toBe('directory_invalid');
  });
});
