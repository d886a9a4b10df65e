import { federation, directoryWith } from '@causeway/protocol/federation.fixture';
import { expect, test } from 'vitest';
import { fingerprintOf, keepDirectory, openKeptDirectory } from './kept-directory.ts';

const text = keepDirectory(federation.view);

test('a directory that was kept says what it said, under its anchor, whatever its age', () => {
  const view = openKeptDirectory(text, federation.anchor);
  expect([view.version, view.fed]).toEqual([federation.view.version, federation.view.fed]);
  expect(view.member('consumer')).toEqual(federation.view.member('consumer'));
});

test('S32 under another anchor it is nobody’s', () => {
  expect(() => openKeptDirectory(text, directoryWith().anchor)).toThrow(/anchor_mismatch/u);
});

test.each([
  ['nothing', ''],
  ['no object', '[]'],
  ['no head', JSON.stringify({ roots: [], entries: [] })],
  ['an entry that is not the one signed', text.replace('consumer Ltd', 'consumer Inc')],
  ['an entry fewer', JSON.stringify({ ...(JSON.parse(text) as object), entries: [] })],
])('%s is refused', (_, changed) => {
  expect(() => openKeptDirectory(changed, federation.anchor)).toThrow(/_/u);
});

test('the fingerprint of its newest root file is an anchor of it', () => {
  expect(fingerprintOf(text)).toBe(federation.anchor);
  expect(fingerprintOf(keepDirectory(directoryWith().view))).not.toBe(federation.anchor);
});

test.each([
  ['nothing', ''],
  ['no root file', JSON.stringify({ roots: [] })],
  ['a root file without what is signed', JSON.stringify({ roots: [{}] })],
])('%s has no fingerprint', (_, changed) => {
  expect(() => fingerprintOf(changed)).toThrow(/_/u);
});
