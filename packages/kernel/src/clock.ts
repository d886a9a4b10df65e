/** The only way to know the time: passed in, so that tests and the sandbox can move it. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. May step when the machine's clock is corrected. */
  now(): number;
  /** Milliseconds since an arbitrary start; never steps back. */
  monotonic(): number;
}

/** The clock in whole seconds, the unit of `iat`, `exp` and every other time inside a statement. */
export const seconds = (clock: Clock): number => Math.floor(clock.now() / 1000);
