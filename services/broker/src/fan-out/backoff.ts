import type { Random } from '@causeway/kernel';

const firstMs = 400;
const mostMs = 30_000;

/**
 * Milliseconds until the next attempt after `attempt` failed ones: doubling from 0.4 s to 30 s, less up to a
 * quarter by chance, so that what failed together does not come back together.
 */
export function backoffMs(attempt: number, random: Random): number {
  const full = Math.min(firstMs * 2 ** Math.min(Math.max(attempt - 1, 0), 16), mostMs);
  const chance = (random.bytes(1)[0] ?? 0) / 256;
  return Math.round(full * (1 - chance / 4));
}
