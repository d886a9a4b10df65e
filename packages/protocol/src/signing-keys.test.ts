import { describe, expect, it } from 'vitest';
import type { KeyEntry } from './key-lookup.ts';
import { newKey, now } from './federation.fixture.ts';
import type { SigningKey } from './keys.ts';
import { chooseKey } from './signing-keys.ts';

const [old, young] = [newKey('central'), newKey('central')];

/** A directory that lists these keys, each with how many seconds ago it was enrolled. */
function listing(...keys: (Partial<KeyEntry> & { key: SigningKey; age: number })[]) {
  const entries = new Map(
    keys.map(({ key, age, ...change }) => [
      key.kid,
      {
        ...{ member: 'central', jwk: key.jwk, use: ['disclosure'], from: now - age },
        ...{ member_status: 'active' as const, ...change },
      },
    ]),
  );
  return (kid: string) => entries.get(kid);
}

const chosen = (directory: ReturnType<typeof listing>, at = now) =>
  chooseKey([old, young], 'disclosure', directory, at)?.kid;

describe('S11 the key that signs', () => {
  it('n: is the newest, once every node has had time to hear of it, and the older one until then', () => {
    const directory = listing({ key: old, age: 900 }, { key: young, age: 0 });
    expect(chosen(directory)).toBe(old.kid);
    expect(chosen(directory, now + 11)).toBe(old.kid);
    expect(chosen(directory, now + 12)).toBe(young.kid);
  });

  it('is the oldest where none has been there long: a member that has just been admitted signs', () => {
    expect(chosen(listing({ key: old, age: 1 }, { key: young, age: 0 }))).toBe(old.kid);
    expect(chosen(listing({ key: young, age: 0 }))).toBe(young.kid);
  });

  it('is never one that is retired, revoked, for other types, of the future, or not in the directory', () => {
    const second = { key: young, age: 5 };
    for (const change of [{ retired_at: now }, { revoked_at: now }, { use: ['ack'] }, { from: now + 1 }]) {
      expect(chosen(listing({ key: old, age: 900, ...change }, second))).toBe(young.kid);
      expect(chosen(listing({ key: old, age: 900, ...change }))).toBeUndefined();
    }
    expect(chosen(listing())).toBeUndefined();
  });

  it('does not depend on the order of the folder', () => {
    const directory = listing({ key: old, age: 900 }, { key: young, age: 900 });
    const [one, two] = [
      chooseKey([old, young], 'disclosure', directory, now),
      chooseKey([young, old], 'disclosure', directory, now),
    ];
    expect(one?.kid).toBe(two?.kid);
  });
});
