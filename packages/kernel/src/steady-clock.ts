import type { Clock } from './clock.ts';

/** A clock that keeps going where the machine's own steps, until it is told to follow. */
export interface SteadyClock extends Clock {
  /** The machine's, which may step at any time. */
  readonly machine: Clock;
  /** How far the machine's clock has stepped away, in milliseconds; 0 while both go together. */
  stepped(): number;
  /** Goes by the machine's clock from now on, which somebody has compared with another. */
  follow(): void;
}

/** What corrects a clock a little, little by little, stays below this; a step is more. Milliseconds. */
const stepMsMin = 500;

/**
 * Nothing that a process has begun may be judged by a time that jumps: deadlines would be over or far away,
 * and what waits until a moment would wait for an hour. So a step of the wall clock is not followed: time
 * goes on by the monotonic clock. Small corrections are followed at once.
 */
export function steadyClock(machine: Clock): SteadyClock {
  let ahead = machine.now() - machine.monotonic();
  const stepped = (): number => {
    const distance = machine.now() - machine.monotonic() - ahead;
    if (Math.abs(distance) >= stepMsMin) return distance;
    ahead += distance;
    return 0;
  };
  return {
    machine,
    stepped,
    follow: () => {
      ahead = machine.now() - machine.monotonic();
    },
    monotonic: () => machine.monotonic(),
    now: () => (stepped() === 0 ? machine.now() : Math.floor(machine.monotonic() + ahead)),
  };
}
