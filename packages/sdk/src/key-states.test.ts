import { directoryWith, entryOf, keyOf, newKey, now } from '@causeway/protocol/federation.fixture';
import { expect, test } from 'vitest';
import { keyStates } from './key-states.ts';

const young = newKey('lotus');
const [first] = entryOf('lotus').keys;
const statesOf = (change: Partial<NonNullable<typeof first>>, from: number): string[] => {
  const use = first?.use ?? [];
  const old = { jwk: keyOf('lotus').jwk, use, from: now - 90_000, ...change };
  const entry = entryOf('lotus', { keys: [old, { jwk: young.jwk, use, from }] });
  const { view } = directoryWith([entry]);
  return keyStates(entry, view, now).map(({ state }) => state);
};

test('of two keys one is in use and the other overlaps: the young one signs when all nodes know it', () => {
  expect(statesOf({}, now - 1)).toEqual(['in use', 'overlaps']);
  expect(statesOf({}, now - 60)).toEqual(['overlaps', 'in use']);
});

test('one that was retired or revoked says so, and the other is in use however young', () => {
  expect(statesOf({ retired_at: now - 1 }, now - 1)).toEqual(['retired', 'in use']);
  expect(statesOf({ revoked_at: now - 1 }, now - 1)).toEqual(['revoked', 'in use']);
});

test('keys that sign no statement are in use, however many', () => {
  const auth = [newKey('lotus'), newKey('lotus')].map(({ jwk }) => ({
    ...{ jwk, use: ['client-auth' as const], from: now - 1 },
  }));
  const entry = entryOf('lotus', { keys: auth });
  expect(keyStates(entry, directoryWith([entry]).view, now).map(({ state }) => state)).toEqual([
    ...['in use', 'in use'],
  ]);
});
