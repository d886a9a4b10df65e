import type { Opening } from '@causeway/member/openings';
import { sha256Digest } from '@causeway/protocol/digest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePage } from './ledger-check.ts';

const inquiry = sha256Digest('inquiry');
const opening = (idx: number): Opening => ({
  ...{ idx, typ: 'grant', digest: sha256Digest(`${idx}`), inquiry, use: 1, iss: 'consumer', aud: 'lotus' },
  ...{ at_ms: idx, outcome: null },
});
const ledger = (size: number) => Array.from({ length: size }, (_, idx) => opening(idx));

/** Reads indexes 5 to 15 of a ledger of 20, of which those below `next` were read before. */
function compare(leaves: Opening[], { next = 10, shown = 20 } = {}) {
  const held = new Map(
    ledger(20).flatMap((leaf) => (leaf.idx >= 5 && leaf.idx < next ? [[leaf.idx, leaf]] : [])),
  );
  return comparePage(
    { member: 'consumer', from: 5, limit: 10, next, size: 20, held },
    { size: shown, lag_ms: 0, leaves },
  );
}
const page = ledger(20).slice(5, 15);
const kinds = (leaves: Opening[], more = {}) =>
  compare(leaves, more).findings.map(({ index, kind, use }) => [kind, index, use]);

describe('a page of openings', () => {
  test('that continues what was read adds its new leaves', () => {
    const { findings, fresh, next } = compare(page);
    expect([findings, fresh.map(({ idx }) => idx), next]).toEqual([[], [10, 11, 12, 13, 14], 15]);
  });

  test('ends at the size of the tree, and position never goes back', () => {
    expect(compare(page.slice(0, 7), { shown: 12 })).toMatchObject({ next: 12 });
    expect(compare(page.slice(0, 3), { shown: 8 })).toMatchObject({ next: 10, fresh: [] });
  });

  test.each([
    ['digest', { digest: sha256Digest('x') }],
    ['use', { use: 2 }],
    ['inquiry', { inquiry: null }],
    ['audience', { aud: 'harbour' }],
    ['issuer', { iss: 'broker' }],
    ['type', { typ: 'refusal' }],
    ['time', { at_ms: 99 }],
  ])('with another %s under an index that was read names that leaf', (_what, change) => {
    const leaves = page.map((leaf) => (leaf.idx === 7 ? { ...leaf, ...change } : leaf));
    expect(kinds(leaves)).toEqual([['leaf_changed', 7, 1]]);
  });

  test('of a tree that shrank says so, and names what was read and is gone', () => {
    expect(kinds(page.slice(0, 4), { shown: 9 })).toEqual([
      ['ledger_shrank', 9, null],
      ['leaf_missing', 9, 1],
    ]);
  });

  test('without leaves that were not read before names where they are missing', () => {
    const leaves = page.filter(({ idx }) => ![11, 12, 14].includes(idx));
    expect(kinds(leaves)).toEqual([
      ['leaf_missing', 11, null],
      ['leaf_missing', 14, null],
    ]);
  });

  test.each([
    ['out of order', page.toReversed()],
    ['twice', [...page.slice(0, 1), ...page]],
    ['from before what was asked for', ledger(15)],
    ['from behind what was asked for', [...page, opening(15)]],
  ])('with leaves %s is no answer', (_what, leaves) => {
    expect(() => compare(leaves)).toThrow('not in order');
  });
});

test('whatever single leaf of a page is taken away is named by its index, read before or not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 14 }), fc.integer({ min: 5, max: 15 }), (gone, next) => {
      const left = page.filter(({ idx }) => idx !== gone);
      expect(kinds(left, { next })).toEqual([['leaf_missing', gone, gone < next ? 1 : null]]);
    }),
  );
});
