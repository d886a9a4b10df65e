import { describe, expect, it } from 'vitest';
import { chain } from './chain.fixture.ts';
import { buildView, verifyDirectory } from './directory.ts';
import {
  clockAt,
  context,
  directoryWith,
  entryOf,
  federation,
  keyOf,
  memberKey,
  newKey,
  nextRoot,
  now,
  randomFrom,
} from './federation.fixture.ts';
import { entryDigest, parseMemberEntry } from './member-entry.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import { rootFingerprint } from './root.ts';
import { verifyRoot } from './root-chain.ts';
import { sign } from './sign.ts';
import { verify } from './verify.ts';

const { root, rootKey, rootFile, anchor, head, texts, view } = federation;
const nowMs = now * 1000;

describe('directory', () => {
  it('gives members, keys and what proves them', () => {
    expect(view.member('broker')?.roles).toEqual(['broker']);
    expect(view.membersWith('bureau').map(({ id }) => id)).toEqual(['central', 'lotus']);
    expect(view.keys(keyOf('central').kid)?.use).toContain('disclosure');
    expect(view.evidence.entries).toEqual(texts);
    expect(view.expiresAtMs).toBe((now + 570) * 1000);
    expect(view.member('nobody')).toBeUndefined();
    expect(view.keys('nobody:x')).toBeUndefined();
  });

  it('S30 a head past its expiry is refused', () => {
    expect(codeOf(() => verifyDirectory(head.jws, root, view.expiresAtMs))).toBe('expired');
  });

  it('S32 a head of another authority is refused', () => {
    const other = directoryWith();
    expect(codeOf(() => verifyDirectory(other.head.jws, root, nowMs))).toBe('key_unknown');
    expect(codeOf(() => buildView(root, verifyDirectory(other.head.jws, other.root, nowMs), texts))).toBe(
      'directory_invalid',
    );
  });

  describe('S32 a head that names the newest root file', () => {
    const second = nextRoot(rootFile, {}, [rootKey]);
    const named = (version: number, file: typeof rootFile) =>
      sign(
        'directory',
        { ...head.claims, root: { version, digest: rootFingerprint(file) } },
        { key: federation.directoryKey, fed: 'test-fed', clock: clockAt(now), random: randomFrom(6) },
      ).jws;
    const under = (files: (typeof rootFile)[]) => verifyRoot(files, anchor, nowMs);

    it('is believed under that one, and under a later one', () => {
      expect(codeOf(() => verifyDirectory(named(1, rootFile), under([rootFile]), nowMs))).toBe('accepted');
      const both = under([rootFile, second]);
      expect(codeOf(() => verifyDirectory(named(1, rootFile), both, nowMs))).toBe('accepted');
      expect(codeOf(() => verifyDirectory(named(2, second), both, nowMs))).toBe('accepted');
    });

    it('is not believed by who holds an older one, or another of the same version', () => {
      const old = under([rootFile]);
      expect(codeOf(() => verifyDirectory(named(2, second), old, nowMs))).toBe('directory_stale');
      expect(codeOf(() => verifyDirectory(named(1, second), old, nowMs))).toBe('directory_invalid');
    });
  });

  it('S32 a changed, missing or exchanged entry is refused', () => {
    const verified = verifyDirectory(head.jws, root, nowMs);
    const changed = texts.map((text) => text.replace('evergreen Ltd', 'evergreen GmbH'));
    expect(codeOf(() => buildView(root, verified, changed))).toBe('directory_invalid');
    expect(codeOf(() => buildView(root, verified, texts.slice(1)))).toBe('directory_invalid');
    expect(codeOf(() => buildView(root, verified, texts.toReversed()))).toBe('accepted');
    expect(codeOf(() => directoryWith([{ ...entryOf('broker'), id: 'broker', roles: ['lender'] }]))).toBe(
      'directory_invalid',
    );
  });

  it('an entry that is another member’s is refused, under a good head', () => {
    const [text = ''] = texts;
    const { jws } = sign(
      'directory',
      { ...head.claims, entries: [{ member: 'evergreen', digest: entryDigest(text) }] },
      { key: federation.directoryKey, fed: 'test-fed', clock: clockAt(now), random: randomFrom(5) },
    );
    expect(refusal(() => buildView(root, verifyDirectory(jws, root, nowMs), [text]))).toMatchObject({
      code: 'directory_invalid',
      detail: "The entry of evergreen is another member's.",
    });
  });

  it('no entry can name a directory key', () => {
    const entry = entryOf('abc-bank', { keys: [memberKey(newKey('abc-bank').jwk, ['directory'])] });
    expect(refusal(() => parseMemberEntry(JSON.stringify(entry)))).toMatchObject({
      code: 'directory_invalid',
    });
  });

  it('no key signs beyond its member’s roles', () => {
    const entry = entryOf('abc-bank', { keys: [memberKey(keyOf('abc-bank').jwk, ['inquiry', 'grant'])] });
    expect(refusal(() => parseMemberEntry(JSON.stringify(entry)))).toMatchObject({ pointer: '/keys' });
  });

  it('S18 no weak key gets in by an entry', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } as const;
    const entry = entryOf('abc-bank', { keys: [memberKey(jwk, ['inquiry'])] });
    expect(codeOf(() => parseMemberEntry(JSON.stringify(entry)))).toBe('weak_key');
  });

  it.each([
    ['an unknown member', { note: 'x' }],
    ['an id that is a path', { id: '../x' }],
    ['a class that does not exist', { class: 'E' }],
    ['an endpoint that is no URL', { endpoints: { public: 'javascript:alert(1)' } }],
    ['the same key twice', { keys: [1, 2].map(() => memberKey(keyOf('abc-bank').jwk, ['inquiry'])) }],
    ['a thumbprint in upper case', { certificates: ['AB'.repeat(32)] }],
  ])('an entry with %s is refused', (_what, change) => {
    const text = JSON.stringify({ ...entryOf('abc-bank'), ...change });
    expect(codeOf(() => parseMemberEntry(text))).toBe('directory_invalid');
  });

  it('S10 one member’s key is unknown under another member’s name', () => {
    const entry = entryOf('evergreen', { keys: [memberKey(keyOf('abc-bank').jwk, ['inquiry'])] });
    const stripped = entryOf('abc-bank', { keys: [] });
    const { keys } = directoryWith([entry, stripped]).view;
    expect(codeOf(() => verify('inquiry', chain.inquiry.jws, context('broker', { keys })))).toBe(
      'key_unknown',
    );
  });
});

describe('how a member’s staff sign in', () => {
  const staff = { issuer: 'https://idp.example/staff', client_id: 'console', roles: ['auditor'] };
  const read = (said: unknown) => parseMemberEntry(JSON.stringify({ ...entryOf('abc-bank'), staff: said }));

  it('is part of its entry, of whichever role it is', () => {
    expect(read(staff).staff).toEqual(staff);
    expect(parseMemberEntry(JSON.stringify(entryOf('central', { staff }))).staff).toEqual(staff);
    expect(parseMemberEntry(JSON.stringify(entryOf('central'))).staff).toBeUndefined();
  });

  it.each([
    ['an issuer that ends in a slash', { ...staff, issuer: 'https://idp.example/' }],
    ['an issuer with a query', { ...staff, issuer: 'https://idp.example?x=1' }],
    ['an issuer of another scheme', { ...staff, issuer: 'file:///etc/passwd' }],
    ['an issuer with a space', { ...staff, issuer: 'https://idp.example/ x' }],
    ['no client', { issuer: staff.issuer, roles: staff.roles }],
    ['no role', { ...staff, roles: [] }],
    ['a role twice', { ...staff, roles: ['auditor', 'auditor'] }],
    ['a role that is no name', { ...staff, roles: ['Auditor'] }],
    ['seventeen roles', { ...staff, roles: Array.from({ length: 17 }, (_, n) => `role_${'x'.repeat(n)}`) }],
    ['names of people', { ...staff, people: ['somebody'] }],
  ])('is refused with %s', (_, said) => {
    expect(codeOf(() => read(said))).toBe('directory_invalid');
  });
});
