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
  now,
  randomFrom,
} from './federation.fixture.ts';
import { generateKey } from './keys.ts';
import { entryDigest, parseMemberEntry } from './member-entry.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import { rootFingerprint, signRoot, verifyRoot, type RootFile, type RootPayload } from './root.ts';
import { sign } from './sign.ts';
import { verify } from './verify.ts';

const { root, rootFile, anchor, head, texts, view } = federation;
const nowMs = now * 1000;

const publicPart = ({ kty, crv, x }: ReturnType<typeof generateKey>) => ({ kty, crv, x });

function rootWith(change: Partial<RootPayload>, keys = [generateKey()]): RootFile {
  const { file: _, ...payload } = root;
  return signRoot({ ...payload, root_keys: keys.map(publicPart), ...change }, keys);
}

const rootCode = (file: unknown, at = nowMs) =>
  codeOf(() => verifyRoot(file, rootFingerprint(file as RootFile), at));

describe('root file', () => {
  it('holds under its fingerprint', () => {
    expect(verifyRoot(rootFile, anchor, nowMs).fed).toBe('test-fed');
  });

  it('S17 another federation, perfect in itself, fails under the anchor', () => {
    expect(codeOf(() => verifyRoot(directoryWith().rootFile, anchor, nowMs))).toBe('anchor_mismatch');
  });

  it('needs the quorum, and one key counts once', () => {
    const [a, b] = [generateKey(), generateKey()];
    const both = rootWith({ threshold: 2 }, [a, b]);
    expect(rootCode(both)).toBe('accepted');
    const [first] = both.signatures;
    expect(rootCode({ ...both, signatures: [first] })).toBe('signature_invalid');
    expect(rootCode({ ...both, signatures: [first, first] })).toBe('signature_invalid');
  });

  it('refuses a signature by a key that it does not name', () => {
    const { file: _, ...payload } = root;
    expect(codeOf(() => signRoot(payload, [generateKey()]))).toBe('directory_invalid');
    const other = rootWith({});
    expect(rootCode({ ...rootFile, signatures: other.signatures })).toBe('signature_invalid');
  });

  it.each([
    ['a threshold that nobody can reach', { threshold: 2 }],
    ['an end before its beginning', { expires_at: root.issued_at }],
    ['no keys', { keys: [] }],
  ])('refuses %s', (_what, change) => {
    expect(codeOf(() => rootWith(change))).toBe('directory_invalid');
  });

  it('expires', () => {
    expect(rootCode(rootFile, root.expires_at * 1000 - 1)).toBe('accepted');
    expect(rootCode(rootFile, root.expires_at * 1000)).toBe('expired');
  });

  it('S18 refuses a directory key of small order', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } as const;
    expect(rootCode(rootWith({ keys: [{ use: 'directory', member: 'authority', jwk, from: 0 }] }))).toBe(
      'weak_key',
    );
  });

  it.each([null, {}, [], 'x', { ...rootFile, extra: 1 }, { ...rootFile, signatures: [] }])(
    'refuses %j',
    (file) => {
      expect(codeOf(() => verifyRoot(file, anchor, nowMs))).toBe('directory_invalid');
    },
  );
});

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
