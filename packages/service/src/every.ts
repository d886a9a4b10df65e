import type { Log } from './log.ts';

export interface Timer {
  /** No further run starts; resolves when the one under way has ended. */
  stop(): Promise<void>;
  /** Runs now, or right after the run under way. */
  kick(): void;
}

/**
 * Runs `work` at once and then `periodMs` after each run has ended, so that it never overlaps itself. A throw
 * is logged and the next run happens all the same. `work` gets a signal that aborts at stop.
 */
export function every(
  name: string,
  periodMs: number,
  work: (signal: AbortSignal) => Promise<unknown>,
  options: { log: Log },
): Timer {
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  let kicked = false;

  const pause = async (): Promise<void> => {
    if (kicked || stopping.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, periodMs);
    wake = resolve;
    await promise;
    clearTimeout(timer);
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      kicked = false;
      try {
        await work(stopping.signal);
      } catch (err) {
        if (!stopping.signal.aborted) options.log.warn({ event: 'timer_failed', name, err });
      }
      await pause();
    }
  };
  const done = loop();
  return {
    stop: async () => {
      stopping.abort();
      wake();
      await done;
    },
    kick: () => {
      kicked = true;
      wake();
    },
  };
}
