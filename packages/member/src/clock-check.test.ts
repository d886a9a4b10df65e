import { createLog, PeerFailure } from '@causeway/service';
import { afterEach, expect, test, vi } from 'vitest';

import { createClockCheck } from './clock-check.ts';
import type { ClockCheck } from './clock-check.ts';

let mine = 1_780_000_000_000;
let monotonic = 0;
let authorityMs = 0;
let roundTripMs = 0;
let answers = 0;
let down = false;
let running: ClockCheck | undefined;

async function answer(): Promise<number> {
  answers += 1;
  monotonic += roundTripMs;
  mine += roundTripMs;
  if (down) throw new PeerFailure('unreachable');
  return authorityMs;
}

function started(offsetMs: number, tripMs = 0): ClockCheck {
  authorityMs = mine + offsetMs + tripMs / 2;
  roundTripMs = tripMs;
  answers = 0;
  const clock = { now: () => mine, monotonic: () => monotonic };
  const log = createLog({ name: 't', level: 'silent' });
  running = createClockCheck({ authorityMs: answer, clock, log, periodMs: 5 });
  running.start();
  return running;
}
afterEach(async () => {
  down = false;
  await running?.stop();
});

test.each([0, 1900, -1900])('a clock %s ms off agrees', async (offset) => {
  const check = started(offset);
  await vi.waitFor(() => expect(answers).toBeGreaterThan(1));
  expect(check.agrees()).toBe(true);
});

test.each([2100, -2100, 3_600_000])(
  'S91 a clock %s ms off does not, until it is corrected',
  async (offset) => {
    const check = started(offset);
    await vi.waitFor(() => expect(check.agrees()).toBe(false));
    authorityMs = mine;
    await vi.waitFor(() => expect(check.agrees()).toBe(true));
  },
);

test('a slow answer is not taken for a wrong clock, and a missing one changes nothing', async () => {
  const check = started(2500, 0);
  await vi.waitFor(() => expect(check.agrees()).toBe(false));
  down = true;
  const before = answers;
  await vi.waitFor(() => expect(answers).toBeGreaterThan(before + 1));
  expect(check.agrees()).toBe(false);
  await check.stop();
  const slow = started(1500, 1500);
  down = false;
  await vi.waitFor(() => expect(answers).toBeGreaterThan(0));
  expect(slow.agrees()).toBe(true);
});
