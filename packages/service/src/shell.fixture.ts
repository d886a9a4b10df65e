import type { Clock } from '@causeway/kernel';
import { systemRandom } from '@causeway/kernel';

import { createLog } from './log.ts';
import type { Log } from './log.ts';

/** A clock that a test moves by hand. */
export interface HandClock extends Clock {
  set(ms: number): void;
  advance(ms: number): void;
}

/** Starts at a fixed moment, so that nothing depends on the day a test runs. */
export function handClock(startMs = Date.UTC(2026, 5, 1, 12)): HandClock {
  let now = startMs;
  return {
    now: () => now,
    monotonic: () => now,
    set: (ms) => {
      now = ms;
    },
    advance: (ms) => {
      now += ms;
    },
  };
}

/** A log that keeps its lines for a test to read. */
export function memoryLog(): { log: Log; lines: () => string } {
  let text = '';
  const log = createLog({
    name: 'test',
    level: 'debug',
    to: {
      write: (line) => {
        text += line;
      },
    },
  });
  return { log, lines: () => text };
}

export const quietLog = memoryLog().log;
export { systemRandom };
