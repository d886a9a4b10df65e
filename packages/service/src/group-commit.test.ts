import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import { GroupCommit, type ItemOutcome } from './group-commit.ts';

interface HeldOptions {
  itemsMax?: number;
  lanes?: number;
  stuckMs?: number;
  keyOf?: (item: string) => string;
}

/** A group whose batches end when the test says so. */
function heldGroup(options: HeldOptions = {}) {
  const batches: (readonly string[])[] = [];
  const ends: (() => void)[] = [];
  const group = new GroupCommit<string, string>({
    ...{ itemsMax: 4, waitingMax: 8, ...options },
    run: async (items) => {
      batches.push(items);
      await new Promise<void>((resolve) => ends.push(resolve));
      return items.map((item) => ({ value: item.toUpperCase() }));
    },
  });
  const endNext = async (): Promise<void> => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { group, batches, endNext };
}

const failing = (bad: ReadonlySet<number>, isCommon?: (error: unknown) => boolean) => {
  const runs: (readonly number[])[] = [];
  const run = async (items: readonly number[]): Promise<ItemOutcome<number>[]> => {
    runs.push(items);
    if (items.some((item) => bad.has(item))) throw new RangeError('a bad item');
    return items.map((value) => ({ value }));
  };
  const bounds = { itemsMax: 100, waitingMax: 1000 };
  return { runs, group: new GroupCommit({ ...bounds, run, ...(isCommon ? { isCommon } : {}) }) };
};

describe('batches', () => {
  test('an idle group works on one item at once; what comes meanwhile is the next batch', async () => {
    const { group, batches, endNext } = heldGroup();
    const all = ['a', 'b', 'c', 'd'].map(async (item) => await group.submit(item));
    expect(batches).toEqual([['a']]);
    await endNext();
    expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
    await endNext();
    expect(await Promise.all(all)).toEqual(['A', 'B', 'C', 'D']);
  });

  test('a batch holds at most itemsMax items', async () => {
    const { group, batches, endNext } = heldGroup({ itemsMax: 2 });
    const all = ['a', 'b', 'c', 'd'].map(async (item) => await group.submit(item));
    for (let ended = 0; ended < 3; ended += 1) await endNext();
    await Promise.all(all);
    expect(batches).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  test('another lane is taken by a full batch at once, and by less when the first stays away', async () => {
    const { group, batches, endNext } = heldGroup({ itemsMax: 2, lanes: 3 });
    const all = ['a', 'b', 'c', 'd'].map(async (item) => await group.submit(item));
    expect(batches).toEqual([['a'], ['b', 'c']]);
    await vi.waitFor(() => expect(batches).toEqual([['a'], ['b', 'c'], ['d']]));
    for (let ended = 0; ended < 3; ended += 1) await endNext();
    expect(await Promise.all(all)).toEqual(['A', 'B', 'C', 'D']);
  });

  test('two items with one key are never under way together, and the others pass them', async () => {
    const { group, batches, endNext } = heldGroup({ lanes: 2, keyOf: (item) => item.slice(0, 1) });
    const all = ['a1', 'a2', 'b1', 'b2'].map(async (item) => await group.submit(item));
    await vi.waitFor(() => expect(batches).toEqual([['a1'], ['b1']]));
    await endNext();
    await vi.waitFor(() => expect(batches).toEqual([['a1'], ['b1'], ['a2']]));
    for (let ended = 0; ended < 3; ended += 1) await endNext();
    expect(await Promise.all(all)).toEqual(['A1', 'A2', 'B1', 'B2']);
  });
});

describe('refusals', () => {
  test('a bad item fails alone, whatever its place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(40), { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), check),
      { numRuns: 50 },
    );
    async function check(bad: number[], count: number): Promise<void> {
      const { group } = failing(new Set(bad));
      const items = Array.from({ length: count }, (_, item) => item);
      const ended = await Promise.allSettled(items.map(async (item) => await group.submit(item)));
      expect(ended.map(({ status }) => status === 'rejected')).toEqual(items.map((i) => bad.includes(i)));
    }
  });

  test('a failure that is no item’s fault is told to all, and nothing is tried again', async () => {
    const { group, runs } = failing(new Set([1]), () => true);
    const ended = await Promise.allSettled([0, 1, 2].map(async (item) => await group.submit(item)));
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(runs).toEqual([[0], [1, 2]]);
  });

  test('S87 more than may wait are refused at once, and those that wait are served', async () => {
    const { group, endNext } = heldGroup();
    const all = Array.from({ length: 9 }, async (_, at) => await group.submit(String(at)));
    await expect(group.submit('one too many')).rejects.toMatchObject({ code: 'unavailable' });
    for (let ended = 0; ended < 3; ended += 1) await endNext();
    expect(await Promise.all(all)).toHaveLength(9);
  });

  test('S87 while nothing comes back, those that wait and those that come are refused', async () => {
    const { group, batches, endNext } = heldGroup({ stuckMs: 50 });
    const first = group.submit('a');
    const waiting = ['b', 'c'].map(async (item) => await group.submit(item));
    for (const refused of waiting) await expect(refused).rejects.toMatchObject({ code: 'unavailable' });
    await expect(group.submit('d')).rejects.toMatchObject({ code: 'unavailable' });
    await endNext();
    expect(await first).toBe('A');
    const next = group.submit('e');
    expect(batches).toEqual([['a'], ['e']]);
    await endNext();
    expect(await next).toBe('E');
  });

  test('batches that come back, however many wait, are nothing that stands still', async () => {
    const { group, endNext } = heldGroup({ itemsMax: 1, stuckMs: 200 });
    const all = Array.from({ length: 8 }, async (_, at) => await group.submit(String(at)));
    for (let ended = 0; ended < 8; ended += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await endNext();
    }
    expect(await Promise.all(all)).toHaveLength(8);
  });
});
