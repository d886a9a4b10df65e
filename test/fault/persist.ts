import { CausewayError } from '@causeway/sdk';

/** Codes that say "later". `internal` is none of them: a store that is away is no fault of ours. */
const PASSING = new Set(['unavailable', 'not_ready', 'rate_limited']);
/** Beyond this a fault is no passing one any more. */
export const PATIENCE_MS = 300_000;
const PAUSE_MS = 100;

interface Manner {
  readonly pauseMs?: number;
  /** Told of each attempt that a passing fault has ended. */
  readonly onFault?: () => void;
}

/** Acts again and again, until there is an answer or a fault that does not pass, which is thrown. */
export async function persist<T>(
  act: () => Promise<T>,
  { onFault, pauseMs = PAUSE_MS }: Manner = {},
): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const passing = error instanceof CausewayError && PASSING.has(error.code);
      if (!passing || performance.now() > until) throw error;
      onFault?.();
      await pause(pauseMs);
    }
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
