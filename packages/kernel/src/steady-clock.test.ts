import fc from 'fast-check';
import { expect, test } from 'vitest';
import { steadyClock } from './steady-clock.ts';

const HOUR_MS = 3_600_000;
const START_MS = 1_780_000_000_000;

/** A machine whose clocks are moved by hand. */
function machineAt() {
  const state = { wall: START_MS, monotonic: 5000 };
  const clock = { now: () => state.wall, monotonic: () => state.monotonic };
  const pass = (ms: number): void => {
    state.wall += ms;
    state.monotonic += ms;
  };
  return { state, clock, pass };
}

test.each([HOUR_MS, -HOUR_MS, 2000, -2000])(
  'S91 a step of %s ms is not followed: time goes on as it went',
  (step) => {
    const { clock, pass, state } = machineAt();
    const steady = steadyClock(clock);
    pass(1000);
    state.wall += step;
    expect([steady.now(), steady.stepped()]).toEqual([START_MS + 1000, step]);
    pass(2500);
    expect([steady.now(), steady.stepped()]).toEqual([START_MS + 3500, step]);
    state.wall -= step;
    expect([steady.now(), steady.stepped()]).toEqual([START_MS + 3500, 0]);
  },
);

test('a clock that is corrected little by little is followed', () => {
  const { clock, pass, state } = machineAt();
  const steady = steadyClock(clock);
  for (let n = 0; n < 100; n += 1) {
    pass(1000);
    state.wall -= 300;
    expect([steady.now(), steady.stepped()]).toEqual([state.wall, 0]);
  }
});

test('told to follow, it goes by the machine that has stepped', () => {
  const { clock, pass, state } = machineAt();
  const steady = steadyClock(clock);
  state.wall += HOUR_MS;
  steady.follow();
  expect([steady.now(), steady.stepped()]).toEqual([START_MS + HOUR_MS, 0]);
  pass(10);
  expect(steady.now()).toBe(START_MS + HOUR_MS + 10);
});

test('whatever steps come, time goes forward, exactly as fast as the monotonic clock', () => {
  const step = fc.integer({ min: -1e9, max: 1e9 }).filter((ms) => Math.abs(ms) > 1000);
  const steps = fc.array(fc.record({ pass: fc.nat(5000), step }));
  const passed = (all: readonly { pass: number; step: number }[]): boolean => {
    const { clock, pass, state } = machineAt();
    const steady = steadyClock(clock);
    return all.every(({ pass: ms, step: away }) => {
      const before = steady.now();
      state.wall = START_MS + away;
      pass(ms);
      // A step may happen to lead back to where the clock would be.
      return steady.stepped() === 0 || steady.now() - before === ms;
    });
  };
  expect(fc.check(fc.property(steps, passed)).counterexample).toBeNull();
});
