/**
 * Items of a batch worked on at once: fewer than the pool has connections, so that a batch never waits on
 * itself.
 */
const lanesMax = 6;

/** Runs `work` over all items, a bounded number at a time; results keep the order of the items. */
export async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [at, item] of queue) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(lanesMax, items.length) }, lane));
  return results;
}
