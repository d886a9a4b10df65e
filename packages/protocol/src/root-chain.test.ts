import { describe, expect, it } from 'vitest';
import { directoryWith, federation, nextRoot, now, publicPart } from './federation.fixture.ts';
import { generateKey } from './keys.ts';
import { codeOf } from './refusal.fixture.ts';
import { followRoots, rootsMax, verifyRoot } from './root-chain.ts';
import {
  cosignRoot,
  readRootPayload,
  rootFingerprint,
  signRoot,
  type RootFile,
  type RootPayload,
} from './root.ts';

const { root, rootFile, rootKey, anchor } = federation;
const nowMs = now * 1000;

function rootWith(change: Partial<RootPayload>, keys = [generateKey()]): RootFile {
  const payload = readRootPayload(rootFile);
  return signRoot({ ...payload, root_keys: keys.map(publicPart), ...change }, keys);
}

const rootCode = (file: unknown, at = nowMs) =>
  codeOf(() => verifyRoot([file], rootFingerprint(file as RootFile), at));

describe('a root file', () => {
  it('holds under its fingerprint', () => {
    expect(verifyRoot([rootFile], anchor, nowMs).fed).toBe('test-fed');
  });

  it('S17 another federation, perfect in itself, fails under the anchor', () => {
    expect(codeOf(() => verifyRoot([directoryWith().rootFile], anchor, nowMs))).toBe('anchor_mismatch');
    expect(codeOf(() => verifyRoot([], anchor, nowMs))).toBe('anchor_mismatch');
  });

  it('needs the quorum, and one key counts once', () => {
    const [a, b] = [generateKey(), generateKey()];
    const both = rootWith({ threshold: 2 }, [a, b]);
    expect(rootCode(both)).toBe('accepted');
    const [first] = both.signatures;
    expect(rootCode({ ...both, signatures: [first] })).toBe('signature_invalid');
    expect(rootCode({ ...both, signatures: [first, first] })).toBe('signature_invalid');
  });

  it('may be signed by one holder after another', () => {
    const [a, b, c] = [generateKey(), generateKey(), generateKey()];
    const payload = readRootPayload(rootFile);
    const asked = { ...payload, threshold: 2, root_keys: [a, b, c].map(publicPart) };
    const one = signRoot(asked, [a]);
    expect(rootCode(one)).toBe('signature_invalid');
    expect(rootCode(cosignRoot(one, [c]))).toBe('accepted');
    expect(cosignRoot(one, [a])).toEqual(one);
    expect(codeOf(() => cosignRoot(one, [generateKey()]))).toBe('directory_invalid');
  });

  it('refuses a signature by a key that it does not name, beside good ones too', () => {
    const payload = readRootPayload(rootFile);
    expect(codeOf(() => signRoot(payload, [generateKey()]))).toBe('directory_invalid');
    const [other] = rootWith({}).signatures;
    expect(rootCode({ ...rootFile, signatures: [other] })).toBe('signature_invalid');
    expect(rootCode({ ...rootFile, signatures: [...rootFile.signatures, other] })).toBe('signature_invalid');
  });

  it.each([
    ['a threshold that nobody can reach', { threshold: 2 }],
    ['an end before its beginning', { expires_at: root.issued_at }],
    ['no keys', { keys: [] }],
    ['a first version with a predecessor', { previous: anchor }],
    ['a later version without one', { version: 2 }],
  ])('refuses %s', (_what, change) => {
    expect(codeOf(() => rootWith(change))).toBe('directory_invalid');
  });

  it('expires', () => {
    expect(rootCode(rootFile, root.expires_at * 1000 - 1)).toBe('accepted');
    expect(rootCode(rootFile, root.expires_at * 1000)).toBe('expired');
  });

  it('S18 refuses a directory key or a root key of small order', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } as const;
    const keys = [{ use: 'directory' as const, member: 'authority', jwk, from: 0 }];
    expect(rootCode(rootWith({ keys }))).toBe('weak_key');
    const key = generateKey();
    expect(rootCode(rootWith({ root_keys: [publicPart(key), jwk] }, [key]))).toBe('weak_key');
  });

  it.each([null, {}, [], 'x', { ...rootFile, extra: 1 }, { ...rootFile, signatures: [] }])(
    'refuses %j',
    (file) => {
      expect(codeOf(() => verifyRoot([file], anchor, nowMs))).toBe('directory_invalid');
    },
  );
});

describe('S11 a chain of root files', () => {
  const [newKey, thief] = [generateKey(), generateKey()];
  const two = nextRoot(rootFile, { root_keys: [publicPart(newKey)] }, [rootKey, newKey]);
  const three = nextRoot(two, { expires_at: root.expires_at + 60 }, [newKey]);
  const chain = [rootFile, two, three];
  const code = (files: readonly unknown[], under = anchor) => codeOf(() => verifyRoot(files, under, nowMs));

  it('leads from any of its versions, as anchor, to the newest', () => {
    for (const file of chain) expect(verifyRoot(chain, rootFingerprint(file), nowMs).version).toBe(3);
    expect(followRoots(chain, anchor).map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(verifyRoot(chain, anchor, nowMs).chain).toEqual(chain);
  });

  it('S32 does not lead from an anchor that is none of its versions', () => {
    expect(code(chain, rootFingerprint(nextRoot(three, {}, [newKey])))).toBe('anchor_mismatch');
  });

  it.each([
    ['only the old key has signed', [rootKey]],
    ['only the new key has signed', [newKey]],
  ])('S32 ends where %s', (_what, keys) => {
    const half = nextRoot(rootFile, { root_keys: [publicPart(newKey)] }, keys);
    expect(code([rootFile, half])).toBe('signature_invalid');
  });

  it('S32 needs the old quorum, not one of the old keys', () => {
    const [a, b, c] = [generateKey(), generateKey(), generateKey()];
    const first = rootWith({ threshold: 2 }, [a, b, c]);
    const under = rootFingerprint(first);
    const change = { threshold: 1, root_keys: [publicPart(thief)] };
    expect(code([first, nextRoot(first, change, [a, thief])], under)).toBe('signature_invalid');
    expect(code([first, nextRoot(first, change, [a, c, thief])], under)).toBe('accepted');
  });

  it.each([
    ['names another predecessor', { previous: rootFingerprint(three) }],
    ['skips a version', { version: 3 }],
    ['is of another federation', { fed: 'other' }],
    ['is older than the one before', { issued_at: root.issued_at - 1 }],
  ])('S32 ends where a version %s', (_what, change) => {
    expect(code([rootFile, nextRoot(rootFile, change, [rootKey])])).toBe('directory_invalid');
  });

  it('S32 is whole, in order and of bounded length', () => {
    expect(code([two, three], rootFingerprint(two))).toBe('directory_invalid');
    expect(code([rootFile, three])).toBe('directory_invalid');
    expect(code([two, rootFile])).toBe('directory_invalid');
    expect(code(Array.from({ length: rootsMax + 1 }, () => rootFile))).toBe('directory_invalid');
  });

  it('S30 is judged by the end of its newest version alone', () => {
    const atMs = root.expires_at * 1000;
    expect(codeOf(() => verifyRoot([rootFile, two], anchor, atMs))).toBe('expired');
    expect(codeOf(() => verifyRoot(chain, anchor, atMs))).toBe('accepted');
  });

  it('S17 every byte of every version counts', () => {
    const text = JSON.stringify(chain);
    for (let at = 0; at < text.length; at += 7) {
      const flipped = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      let files: unknown[] = [];
      try {
        files = JSON.parse(flipped) as unknown[];
      } catch {
        continue;
      }
      expect([at, code(files)]).not.toEqual([at, 'accepted']);
    }
  });
});
