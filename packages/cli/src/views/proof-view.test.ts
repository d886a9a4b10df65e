import type { LineProof, ProvenLeaf } from '@causeway/sdk';
import { expect, test } from 'vitest';
import type { Comparison } from '../seen-trees.ts';
import { historySentences, proofSentences } from './proof-view.ts';

const proven: ProvenLeaf = {
  ...{ ledger: 'consumer', leaf: 'sha-256:x', index: 16, size: 42, root: new Uint8Array(32), checkpoint: '' },
  witnesses: [
    { member: 'broker', at: '2026-11-26T09:30:12.000Z' },
    { member: 'authority', at: '2026-11-26T09:30:11.000Z' },
  ],
  witnessed: true,
};
const young: ProvenLeaf = { ...proven, witnesses: [], witnessed: false };
const grown: Comparison = { ledger: 'consumer', against: 'grown', seen: 30, size: 42 };
const line: LineProof['line'] = {
  ...{ id: '', at: '', lender: '', lender_name: '', purpose: '', categories: [], bureaus: [] },
  ...{ outcome: 'granted', inquiry: 'sha-256:i', decided_by: 'consumer' },
  ...{ leaf: 'sha-256:x', ledger: 'consumer', proof: null },
};
const lineOf = (leaf: ProvenLeaf): LineProof => ({ state: 'proven', line, proof: '', proven: leaf });

test('a proof is told in three sentences: what, who saw it when, and against what it was compared', () => {
  expect(proofSentences(proven, grown)).toEqual([
    'The leaf sha-256:x is number 17 of the 42 in the ledger of consumer.',
    'Witnessed by authority and broker, last at 2026-11-26 09:30:12 UTC.',
    'Against what this machine saw last: ' +
      'the ledger of consumer has grown from 30 to 42 leaves with nothing changed.',
  ]);
});

test('too few witnesses are never told as if it were witnessed', () => {
  const [, sentence] = proofSentences(young, grown);
  expect(sentence).toBe('It is signed, not yet witnessed by enough members (seen by nobody).');
  const mixed = historySentences([lineOf(proven), lineOf(young)], { comparisons: [grown], broken: [] });
  expect(mixed[1]).toMatch(/; 1 of them are signed, not yet witnessed\.$/u);
});

test.each([
  ['pending', 'too young for a proof'],
  ['overdue', 'which should not be'],
  ['unreachable', 'does not answer'],
] as const)('a line that is %s is counted apart from the proven', (state, words) => {
  const [sentence] = historySentences([lineOf(proven), { state, line }], { comparisons: [], broken: [] });
  expect(sentence).toContain('1 of 2 lines are proven, 1 in the ledger of consumer; 1 ');
  expect(sentence).toContain(words);
});

test('a ledger with another history, and one that could not be compared, are named', () => {
  const unproven: Comparison = { ...grown, against: 'unproven' };
  const broken = [{ ledger: 'broker', code: 'proof_invalid' }];
  const sentence = historySentences([lineOf(proven)], { comparisons: [unproven], broken }).at(-1);
  expect(sentence).toContain('the ledger of consumer could not be compared');
  expect(sentence).toContain('the ledger of broker is not the one seen before (proof_invalid)');
});
