import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatCheckpoint } from './checkpoint.ts';
import { cosign } from './cosignature.ts';
import { rootOf } from './frontier.ts';
import { formatNote, signNote } from './note.ts';
import { noteSigner } from './note-key.ts';
import {
  canBeProven,
  formatProof,
  isProven,
  parseProof,
  verifyProof,
  type ProofTrust,
} from './tlog-proof.ts';
import { codeOf, entryAt, flipped, respelt, treeOf } from './tree.fixture.ts';
import { inclusionProof } from './tree-proof.ts';

const signer = noteSigner('bureau.example/ledger', 'note', new Uint8Array(32).fill(1));
const witnesses = ['authority', 'broker', 'consumer', 'bureau'].map((member, at) => ({
  member,
  signer: noteSigner(`${member}.example/witness`, 'cosignature', new Uint8Array(32).fill(10 + at)),
}));
const trust: ProofTrust = {
  ledger: { origin: 'bureau.example/ledger', keys: [signer.key] },
  witnesses: witnesses.map(({ member, signer: { key } }) => ({ member, key })),
  quorum: { operator: 'bureau', authority: 'authority' },
};
const size = 300;
const tree = treeOf(size);

function checkpointBy(...members: string[]): string {
  const { origin } = trust.ledger;
  const text = formatCheckpoint({ origin, size, root: rootOf(tree.frontier), extensions: [] });
  const note = signNote(text, [signer]);
  const by = witnesses.filter(({ member }) => members.includes(member));
  const cosignatures = by.map((witness, at) => cosign(text, witness.signer, 1000 + at));
  return formatNote({ ...note, signatures: [...note.signatures, ...cosignatures] });
}

const witnessed = checkpointBy('broker', 'consumer');
const proofOf = (index: number, checkpoint = witnessed): string =>
  formatProof({ extra: null, index, hashes: inclusionProof(index, size, tree.read), checkpoint });

describe('a proof of ours', () => {
  test('shows the entry, its tree and who saw it when', () => {
    expect(verifyProof(proofOf(77), entryAt(77), trust)).toEqual({
      index: 77,
      size,
      root: rootOf(tree.frontier),
      cosignedBy: [
        { witness: 'broker', time_s: 1000 },
        { witness: 'consumer', time_s: 1001 },
      ],
    });
  });

  test('S52 is none yet while too few have cosigned, and a wrong one is refused at once', () => {
    expect(isProven(proofOf(77), entryAt(77), trust)).toBe(true);
    expect(isProven(proofOf(77, checkpointBy('broker')), entryAt(77), trust)).toBe(false);
    expect(isProven(proofOf(77, checkpointBy('broker', 'bureau')), entryAt(77), trust)).toBe(false);
    expect(codeOf(() => isProven(proofOf(77), entryAt(78), trust))).toBe('proof_invalid');
    expect(codeOf(() => isProven(proofOf(77), entryAt(77), { ...trust, witnesses: [] }))).toBe('none');
  });

  test('S11 under a retired key counts by the cosignatures from before it was retired', () => {
    const other = noteSigner('bureau.example/ledger', 'note', new Uint8Array(32).fill(99));
    const retiredAt = (until_s: number): ProofTrust => {
      const { origin } = trust.ledger;
      return { ...trust, ledger: { origin, keys: [other.key], retired: [{ key: signer.key, until_s }] } };
    };
    const judged = (until_s: number) =>
      codeOf(() => verifyProof(proofOf(77), entryAt(77), retiredAt(until_s)));
    // They cosigned in seconds 1000 and 1001.
    expect(judged(1001)).toBe('none');
    expect(judged(1000)).toBe('quorum_missing');
    expect(judged(999)).toBe('quorum_missing');
    const stranger = { ...trust, ledger: { origin: trust.ledger.origin, keys: [other.key], retired: [] } };
    expect(codeOf(() => verifyProof(proofOf(77), entryAt(77), stranger))).toBe('signature_missing');
    // Where the new key has signed too, all of them count.
    const { origin } = trust.ledger;
    const text = formatCheckpoint({ origin, size, root: rootOf(tree.frontier), extensions: [] });
    const own = signNote(text, [signer, other]);
    const late = witnesses.slice(1, 3).map((witness) => cosign(text, witness.signer, 5000));
    const both = formatNote({ ...own, signatures: [...own.signatures, ...late] });
    expect(codeOf(() => verifyProof(proofOf(77, both), entryAt(77), retiredAt(1)))).toBe('none');
  });

  test('can be had where two others have a key that cosigns, one of them not the authority', () => {
    const known = (...members: string[]) =>
      canBeProven({
        ...trust,
        witnesses: trust.witnesses.filter(({ member }) => members.includes(member)),
      });
    expect(known('authority', 'broker')).toBe(true);
    expect(known('broker', 'consumer')).toBe(true);
    expect(known('authority', 'bureau')).toBe(false);
    expect(known('broker')).toBe(false);
    expect(known()).toBe(false);
  });

  test('is a file as C2SP tlog-proof writes it', () => {
    const hashes = [new Uint8Array(32)];
    const zero = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
    const file = formatProof({ extra: Uint8Array.of(1, 2), index: 10, hashes, checkpoint: 'a\n' });
    expect(file).toBe(`c2sp.org/tlog-proof@v1\nextra AQI=\nindex 10\n${zero}\n\na\n`);
    const bare = formatProof({ extra: null, index: 0, hashes: [], checkpoint: 'a\n' });
    expect(bare).toBe('c2sp.org/tlog-proof@v1\nindex 0\n\na\n');
  });

  test('S53 proves no other leaf than its own', () => {
    fc.assert(
      fc.property(fc.nat(size - 1), fc.nat(size - 1), (index, other) => {
        expect(codeOf(() => verifyProof(proofOf(index), entryAt(index), trust))).toBe('none');
        fc.pre(index !== other);
        expect(codeOf(() => verifyProof(proofOf(index), entryAt(other), trust))).toBe('proof_invalid');
        const moved = proofOf(index).replace(`index ${index}\n`, `index ${other}\n`);
        expect(codeOf(() => verifyProof(moved, entryAt(index), trust))).toBe('proof_invalid');
      }),
      { numRuns: 20 },
    );
  });

  test('with any one bit turned is another text, and refused', () => {
    const bytes = new TextEncoder().encode(proofOf(77));
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        expect(codeOf(() => verifyProof(flipped(bytes, bit), entryAt(77), trust))).not.toBe('none');
      }),
      { numRuns: 150 },
    );
  });
});

describe('S52 a checkpoint that too few have seen proves nothing', () => {
  test.each([
    ['nobody', []],
    ['one', ['broker']],
    ['the authority alone', ['authority']],
    ['its operator and one', ['bureau', 'broker']],
    ['its operator and the authority', ['bureau', 'authority']],
  ])('by %s', (_, members) => {
    const proof = proofOf(5, checkpointBy(...members));
    expect(codeOf(() => verifyProof(proof, entryAt(5), trust))).toBe('quorum_missing');
  });

  test('by two whom the verifier does not know', () => {
    const unknown = { ...trust, witnesses: trust.witnesses.slice(0, 1) };
    expect(codeOf(() => verifyProof(proofOf(5), entryAt(5), unknown))).toBe('quorum_missing');
  });

  test('by one member with two keys', () => {
    const [broker, consumer] = [trust.witnesses[1], trust.witnesses[2]];
    const same = [broker, consumer].flatMap((known) => (known ? [{ ...known, member: 'broker' }] : []));
    expect(codeOf(() => verifyProof(proofOf(5), entryAt(5), { ...trust, witnesses: same }))).toBe(
      'quorum_missing',
    );
  });
});

describe('a ledger that is not the one expected', () => {
  test('another origin, an unknown key and a bad signature are told apart', () => {
    const judged = (changed: Partial<ProofTrust>): string =>
      codeOf(() => verifyProof(proofOf(5), entryAt(5), { ...trust, ...changed }));
    const stranger = noteSigner('bureau.example/ledger', 'note', new Uint8Array(32)).key;
    expect(judged({ ledger: { ...trust.ledger, origin: 'other' } })).toBe('origin_unexpected');
    expect(judged({ ledger: { ...trust.ledger, keys: [stranger] } })).toBe('signature_missing');
    const forged = proofOf(5).replace(`\n${size}\n`, `\n${size + 1}\n`);
    expect(codeOf(() => verifyProof(forged, entryAt(5), trust))).toBe('signature_invalid');
  });
});

describe('what is no proof file', () => {
  const file = proofOf(77);
  const hash = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n';
  test.each<[string, string]>([
    ['nothing', ''],
    ['another header', file.replace('@v1', '@v2')],
    ['a line before', `\n${file}`],
    ['carriage returns', file.replaceAll('\n', '\r\n')],
    ['no index', file.replace('index 77\n', '')],
    ['an index with leading zero', file.replace('index 77', 'index 077')],
    ['a negative index', file.replace('index 77', 'index -77')],
    ['an index of 2^53', file.replace('index 77', 'index 9007199254740992')],
    ['two indexes', file.replace('index 77', 'index 77\nindex 77')],
    ['extra after the index', file.replace('index 77', 'index 77\nextra AQI=')],
    ['extra without a value', file.replace('index 77', 'extra\nindex 77')],
    ['two extras', file.replace('index 77', 'extra AQI=\nextra AQI=\nindex 77')],
    ['extra that is no base64', file.replace('index 77', 'extra AQ\nindex 77')],
    [
      'a hash of 31 bytes',
      file.replace('index 77\n', 'index 77\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n'),
    ],
    ['64 hashes', `c2sp.org/tlog-proof@v1\nindex 0\n${hash.repeat(64)}\n${witnessed}`],
    ['no blank line', 'c2sp.org/tlog-proof@v1\nindex 0'],
    ['more than the bound', `${file}${'a'.repeat(200_000)}`],
  ])('%s', (_, text) => {
    expect(codeOf(() => parseProof(text))).toBe('malformed');
    expect(codeOf(() => verifyProof(text, entryAt(77), trust))).toBe('malformed');
  });

  test('whatever comes is read or refused, and what is read is spelt so', () => {
    const pieces = fc.constantFrom(
      'c2sp.org/tlog-proof@v1\n',
      'index 1\n',
      'extra AQI=\n',
      hash,
      '\n',
      'a',
      'extra \n',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 8 }).map((drawn) => `c2sp.org/tlog-proof@v1\n${drawn.join('')}`),
    );
    fc.assert(
      fc.property(text, (drawn) => {
        expect(respelt(drawn, parseProof, formatProof)).toBe(drawn);
        expect(codeOf(() => verifyProof(drawn, entryAt(0), trust))).toBe('malformed');
      }),
      { numRuns: 1000 },
    );
  });
});
