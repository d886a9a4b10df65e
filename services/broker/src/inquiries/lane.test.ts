import { expect, test } from 'vitest';

import { laneOf } from './lane.ts';

const loan = { purpose: 'LOAN_APPROVAL' } as const;

test.each(['u=5', 'u=6', 'u=7', 'i, u=7', 'u=1, u=6', ' u=5;x=1 , i', 'u=7,i=?0'])(
  'nobody waits for an inquiry with Priority "%s"',
  (priority) => expect(laneOf(loan, priority)).toBe('batch'),
);

test.each([
  undefined,
  '',
  'u=0',
  'u=3',
  'u=4',
  'i',
  'u=8',
  'u=55',
  'u=-5',
  'u="7"',
  'v=7',
  'u=7, u=2',
  'U=7',
])('an inquiry with Priority "%s" is for somebody who waits', (priority) =>
  expect(laneOf(loan, priority)).toBe('front'),
);

test('a header sent twice is one list', () => {
  expect(laneOf(loan, ['i', 'u=7'])).toBe('batch');
  expect(laneOf(loan, ['u=7', 'u=2'])).toBe('front');
});

test('the monitoring of a running loan is never in front, whatever its header says', () => {
  for (const priority of [undefined, 'u=0', 'u=7']) {
    expect(laneOf({ purpose: 'POST_LOAN' }, priority)).toBe('monitoring');
  }
});
