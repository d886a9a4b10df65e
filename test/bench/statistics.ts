/** The middle value; the mean of the two middle ones where their number is even. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The smallest value that at least `share` of all values do not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/**
 * Ranks 0..n-1 with the probability of rank k proportional to 1/(k+1): a few subjects are asked about often,
 * most of them rarely. `chance` gives numbers in [0, 1).
 */
export function zipfRanks(n: number, chance: () => number): () => number {
  const cumulative: number[] = [];
  let sum = 0;
  for (let k = 0; k < n; k += 1) cumulative.push((sum += 1 / (k + 1)));
  return () => {
    const at = chance() * sum;
    let [low, high] = [0, n - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
