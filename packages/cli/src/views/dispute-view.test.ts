import { expect, test } from 'vitest';
import { deskDisputeLines, deskLines, disputeLines, wholeDisputeLines } from './dispute-view.ts';

const words = { en: 'You were right: the item was corrected.', zh: '异议成立：该条信息已更正。' };
const dispute = {
  ...{ id: 'd-1', bureau: 'central', record: 'account-1', reason: 'wrong_amount', state: 'closed', words },
  ...{ received_at: '2026-11-26T10:00:00.000Z', due_at: '2026-12-16T16:00:00.000Z' },
};

test('disputes are told with their deadline and in plain words', () => {
  expect(disputeLines([])).toEqual(['nothing is disputed']);
  expect(disputeLines([dispute]).at(-1)).toContain('2026-12-16 16:00  You were right');
});

test('one is told step by step, with what the bureau wrote and who was told', () => {
  const timeline = [
    { event: 'receive', at: '2026-11-26T10:00:00.000Z' },
    { event: 'resolve', at: '2026-11-27T10:00:00.000Z', text: 'You were right.' },
  ];
  const whole = {
    ...dispute,
    due_at: null,
    outcome: 'corrected' as const,
    text: 'x',
    timeline,
    corrections: 2,
  };
  expect(wholeDisputeLines(whole)).toEqual([
    'central, item account-1: You were right: the item was corrected.',
    '2026-11-26 10:00  receive',
    '2026-11-27 10:00  resolve: You were right.',
    'lenders told: 2',
  ]);
});

test('the desk shows the least time first as it comes, and who handles what', () => {
  const open = {
    ...{ id: 'd-1', record: 'account-1', reason: 'other', provider: null, state: 'marked', handler: null },
    ...{ received_at: '2026-11-26T10:00:00.000Z', due_at: null },
  };
  expect(deskLines([])).toEqual(['no dispute is open']);
  expect(deskLines([open]).at(-1)).toContain('marked');
  const steps = [{ event: 'mark', by: 'bureau', at: '2026-11-26T10:00:01.000Z' }];
  expect(deskDisputeLines({ ...open, text: 'I paid.', steps })).toEqual([
    ...['item account-1: other, marked', 'I paid.', '2026-11-26 10:00  mark (bureau)'],
  ]);
});
