import { createLog, PeerFailure } from '@causeway/service';
import { expect, test } from 'vitest';

import { createClockCheck } from './clock-check.ts';

const log = createLog({ name: 't', level: 'silent' });

/** An authority that tells a time so many ms from this node's, over a line of so many ms. */
function world(offsetMs: number, tripMs = 0) {
  const state = { mine: 1_780_000_000_000, monotonic: 0, offsetMs, down: false };
  const authorityMs = async (): Promise<number> => {
    if (state.down) throw new PeerFailure('unreachable');
    const told = state.mine + state.offsetMs + tripMs / 2;
    state.monotonic += tripMs;
    state.mine += tripMs;
    return told;
  };
  const clock = { now: () => state.mine, monotonic: () => state.monotonic };
  return { state, check: createClockCheck({ authorityMs, clock, log }) };
}

test.each([0, 1900, -1900])('a clock %s ms off agrees', async (offset) => {
  const { check } = world(offset);
  await check.sample();
  expect(check.agrees()).toBe(true);
});

test.each([2100, -2100, 3_600_000])(
  'S91 a clock %s ms off does not, until it is corrected',
  async (offset) => {
    const { check, state } = world(offset);
    await check.sample();
    expect(check.agrees()).toBe(false);
    state.offsetMs = 0;
    await check.sample();
    expect(check.agrees()).toBe(true);
  },
);

test('a missing answer changes nothing', async () => {
  const { check, state } = world(2500);
  state.down = true;
  await check.sample();
  expect(check.agrees()).toBe(true);
  state.down = false;
  await check.sample();
  state.down = true;
  await check.sample();
  expect(check.agrees()).toBe(false);
});

test('a slow answer is not taken for a wrong clock', async () => {
  const { check } = world(1500, 1500);
  await check.sample();
  expect(check.agrees()).toBe(true);
});
