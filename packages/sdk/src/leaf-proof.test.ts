import { LedgerError } from '@causeway/ledger';
import { codeOf, flipped, treeOf } from '@causeway/ledger/tree.fixture';
import { CausewayError, ledgerTrust } from '@causeway/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openTree, verifyLeafProof } from './leaf-proof.ts';
import { checkpointOf, leafAt, ledgerDirectory, proofOf } from './ledgers.fixture.ts';

const tree = treeOf(300);
const trust = ledgerTrust(ledgerDirectory, 'consumer');
const witnessed = checkpointOf('consumer', tree, ['authority', 'broker']);
const proof = proofOf(77, tree, witnessed);

test('a proof shows the leaf, its place, and which members saw the tree when', () => {
  expect(verifyLeafProof(proof, leafAt(77), trust)).toMatchObject({
    ...{ ledger: 'consumer', leaf: leafAt(77), index: 77, size: 300, witnessed: true },
    witnesses: [
      { member: 'authority', at: '2026-09-21T14:13:20.000Z' },
      { member: 'broker', at: '2026-09-21T14:13:21.000Z' },
    ],
  });
});

describe('a checkpoint without a quorum is signed, and not yet witnessed', () => {
  test.each([
    ['nobody', []],
    ['the authority alone', ['authority']],
    ['one that is not the authority', ['broker']],
    ['its own operator and the authority', ['consumer', 'authority']],
  ])('seen by %s', (_, by) => {
    const young = proofOf(5, tree, checkpointOf('consumer', tree, by));
    const { witnessed: counts, witnesses } = verifyLeafProof(young, leafAt(5), trust);
    expect(counts).toBe(false);
    expect(witnesses.map(({ member }) => member)).toEqual(by.filter((member) => member !== 'consumer'));
  });

  test('two that are not the authority are enough', () => {
    const seen = proofOf(5, tree, checkpointOf('consumer', tree, ['broker', 'central']));
    expect(verifyLeafProof(seen, leafAt(5), trust).witnessed).toBe(true);
  });
});

describe('what proves nothing', () => {
  const judged = (text: string | Uint8Array, leaf = leafAt(77), by = trust): string =>
    codeOf(() => verifyLeafProof(text, leaf, by));

  test('S53 a proof of somebody else’s leaf', () => {
    expect(judged(proof, leafAt(78))).toBe('proof_invalid');
    expect(judged(proofOf(78, tree, witnessed))).toBe('proof_invalid');
    expect(judged(proof.replace('index 77', 'index 78'), leafAt(78))).toBe('proof_invalid');
  });

  test('S53 any bit turned is refused, or loses a witness where its name is what was turned', () => {
    const bytes = new TextEncoder().encode(proof);
    const counts = (changed: Uint8Array): boolean => verifyLeafProof(changed, leafAt(77), trust).witnessed;
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = flipped(bytes, bit);
        expect(judged(changed) === 'none' && counts(changed)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test('the ledger of another member, though the directory knows it', () => {
    const others = proofOf(77, tree, checkpointOf('broker', tree, ['authority', 'central']));
    expect(judged(others)).toBe('origin_unexpected');
    expect(judged(others, leafAt(77), ledgerTrust(ledgerDirectory, 'broker'))).toBe('none');
  });

  test('the right name under another ledger’s key', () => {
    const claimed = checkpointOf('broker', tree).replaceAll('/broker', '/consumer');
    expect(judged(proofOf(77, tree, claimed))).toBe('signature_missing');
    const { ledger } = ledgerTrust(ledgerDirectory, 'broker');
    const mixed = { ...trust, ledger: { origin: trust.ledger.origin, keys: ledger.keys } };
    expect(judged(proof, leafAt(77), mixed)).toBe('signature_missing');
  });

  test('a cosignature in a known name that does not verify', () => {
    const other = checkpointOf('consumer', treeOf(299), ['broker']);
    const line = other.split('\n').find((each) => each.includes('/broker/witness')) ?? '';
    expect(judged(proofOf(77, tree, `${checkpointOf('consumer', tree)}${line}\n`))).toBe('signature_invalid');
  });

  test('a member that the directory has no ledger of', () => {
    for (const member of ['abc-bank', 'nobody', '']) {
      expect(() => ledgerTrust(ledgerDirectory, member)).toThrow(CausewayError);
    }
  });

  test('a kept checkpoint that is not the ledger’s', () => {
    expect(openTree(witnessed, trust).size).toBe(300);
    expect(() => openTree(checkpointOf('broker', tree), trust)).toThrow(LedgerError);
    expect(() => openTree('', trust)).toThrow(LedgerError);
  });
});
