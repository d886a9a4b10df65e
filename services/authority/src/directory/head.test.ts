import { systemRandom } from '@causeway/kernel/system';
import { digestOf, sha256Digest } from '@causeway/protocol/digest';
import { generateKey, signingKeyFromJwk } from '@causeway/protocol/keys';
import { describe, expect, test } from 'vitest';
import { type DirectoryContent, RESIGN_AFTER_MS, contentText, isDue, signHead } from './head.ts';

const content: DirectoryContent = {
  policy: { version: 'cn-2026.1', digest: sha256Digest('policy') },
  entries: [
    { member: 'abc-bank', digest: sha256Digest('a') },
    { member: 'authority', digest: sha256Digest('b') },
  ],
};
const text = contentText(content, 'authority:a');
const latest = { version: 7, content: text, issuedAtMs: 1_000_000 };

describe('S32 when a head is signed', () => {
  test('the first one is due at once', () => {
    expect(isDue(undefined, text, 0)).toBe(true);
  });

  test('nothing is due while nothing changes and the head is young', () => {
    expect(isDue(latest, text, latest.issuedAtMs)).toBe(false);
    expect(isDue(latest, text, latest.issuedAtMs + RESIGN_AFTER_MS - 1)).toBe(false);
  });

  test('a head is due well before the ten minutes of its life are over', () => {
    expect(isDue(latest, text, latest.issuedAtMs + RESIGN_AFTER_MS)).toBe(true);
    expect(RESIGN_AFTER_MS).toBeLessThan(300_000);
  });

  test('a head is due when a member comes, goes or changes, or the policy does', () => {
    const [first, second] = content.entries;
    if (!first || !second) throw new Error('two entries');
    const others: DirectoryContent[] = [
      { ...content, entries: [first] },
      { ...content, entries: [first, { ...second, digest: sha256Digest('c') }] },
      { ...content, entries: [...content.entries, { member: 'zen', digest: sha256Digest('z') }] },
      { ...content, policy: { ...content.policy, digest: sha256Digest('other') } },
    ];
    for (const other of others) {
      expect(isDue(latest, contentText(other, 'authority:a'), latest.issuedAtMs)).toBe(true);
    }
  });

  test('S11 a head is due when another key signs, the root is rotated, or an epoch comes', () => {
    const due = (other: DirectoryContent, kid = 'authority:a') =>
      isDue(latest, contentText(other, kid), latest.issuedAtMs);
    const epochs = [{ epoch: '1', canary: 'A'.repeat(43) }];
    expect(due(content)).toBe(false);
    expect(due(content, 'authority:b')).toBe(true);
    expect(due({ ...content, root: { version: 2, digest: sha256Digest('root') } })).toBe(true);
    expect(due({ ...content, references: { current: '1', epochs } })).toBe(true);
  });

  test('a head from the future is replaced: the clock was wrong when it was signed', () => {
    expect(isDue(latest, text, latest.issuedAtMs - 2 * RESIGN_AFTER_MS)).toBe(true);
  });
});

test('a head lives ten minutes and names each member by the digest of its entry', () => {
  const key = signingKeyFromJwk('authority', generateKey());
  const clock = { now: () => 1_800_000_000_500, monotonic: () => 0 };
  const { claims, digest, jws } = signHead(3, content, { key, fed: 'test-fed', clock, random: systemRandom });
  expect(claims).toMatchObject({
    version: 3,
    aud: 'all',
    iss: 'authority',
    iat: 1_800_000_000,
    exp: 1_800_000_600,
  });
  expect(claims.entries).toEqual(content.entries);
  expect(digest).toBe(digestOf(jws));
});
