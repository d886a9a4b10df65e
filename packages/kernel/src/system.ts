import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/**
 * The machine's clock. Only `main.ts` files, the sandbox and tests take it; everything else is handed a
 * Clock.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** Web Crypto takes at most this many bytes in one call. */
const chunkBytesMax = 65_536;

/** The operating system's generator, by Web Crypto, so that the same module loads in a page. */
export const systemRandom: Random = {
  bytes(n) {
    const out = new Uint8Array(n);
    for (let at = 0; at < n; at += chunkBytesMax) {
      crypto.getRandomValues(out.subarray(at, Math.min(n, at + chunkBytesMax)));
    }
    return out;
  },
};
