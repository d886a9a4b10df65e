import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Troubles } from './queue-troubles.ts';
import { memoryLog } from './shell.fixture.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function told(lines: string): [count: number | undefined, queue: string][] {
  const parsed = lines.trim().split('\n').filter(Boolean);
  return parsed.map((line) => {
    const { count, queue } = JSON.parse(line) as { count?: number; queue: string };
    return [count, queue];
  });
}

test('the first error is told at once, and thousands after it as their number every five seconds', () => {
  const { log, lines } = memoryLog();
  const troubles = new Troubles(log, 'front');
  troubles.report(new Error('away'));
  expect(told(lines())).toEqual([[undefined, 'front']]);
  for (let ms = 0; ms < 12_000; ms += 4) {
    troubles.report(new Error('away'));
    vi.advanceTimersByTime(4);
  }
  expect(told(lines()).map(([count]) => count)).toEqual([undefined, 1250, 1250]);
  vi.advanceTimersByTime(60_000);
  expect(told(lines()).map(([count]) => count)).toEqual([undefined, 1250, 1250, 500]);
});

test('an error after a quiet while is told at once again', () => {
  const { log, lines } = memoryLog();
  const troubles = new Troubles(log, 'front');
  for (let round = 0; round < 3; round += 1) {
    troubles.report(new Error('away'));
    vi.advanceTimersByTime(11_000);
  }
  expect(told(lines()).map(([count]) => count)).toEqual([undefined, undefined, undefined]);
});

test('the end keeps nothing back, and a quiet end says nothing', () => {
  const { log, lines } = memoryLog();
  const troubles = new Troubles(log, 'front');
  troubles.end();
  expect(lines()).toBe('');
  troubles.report(new Error('away'));
  troubles.report(new Error('away'));
  troubles.end();
  expect(told(lines()).map(([count]) => count)).toEqual([undefined, 1]);
  expect(vi.getTimerCount()).toBe(0);
});
