import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ledgerJudges, type VectorName } from '../../scripts/vectors/ledger-judges.ts';
import {
  numberedConsistency,
  numberedEntry,
  numberedInclusion,
  rootOfNumbered,
} from '../../scripts/vectors/sample-tree.ts';
import {
  outcomeOf,
  sentBytes,
  type Outcome,
  type Sent,
  type Values,
  type VectorFile,
} from '../../scripts/vectors/vector.ts';
import { secondJudges, secondOutcome } from './second-judges.ts';

const folder = join(import.meta.dirname, '../../docs/protocol/vectors');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const ours = (name: VectorName, given: Values): Outcome => outcomeOf(ledgerJudges[name], given);
const theirs = (name: VectorName, given: Values): Outcome => secondOutcome(secondJudges[name], given);

/** What the vectors of a file give, with what is common to them. */
function givenIn(name: VectorName): Values[] {
  const { common, vectors } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as VectorFile;
  return vectors.map(({ given }) => ({ ...common, ...given }));
}

const sizeMax = 300;
const roots = new Map<number, string>();
const rootAt = (size: number): string => {
  const root = roots.get(size) ?? base64(rootOfNumbered(size));
  roots.set(size, root);
  return root;
};
const inclusion = (index: number, size: number): Values & { proof: string[] } => ({
  index,
  size,
  entry: base64(numberedEntry(index)),
  root: rootAt(size),
  proof: numberedInclusion(index, size),
});
const consistency = (oldSize: number, newSize: number): Values & { proof: string[] } => ({
  old_size: oldSize,
  old_root: rootAt(oldSize),
  new_size: newSize,
  new_root: rootAt(newSize),
  proof: numberedConsistency(oldSize, newSize),
});

const treeSize = fc.integer({ min: 1, max: sizeMax });
const leafIn = treeSize.chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)));
const growth = treeSize.chain((size) => fc.tuple(fc.nat(size), fc.constant(size)));
/** Another list of hashes: some dropped, repeated or moved, one spoilt. */
const otherHashes = (proof: string[]): fc.Arbitrary<string[]> => {
  const drawn = fc.oneof(
    fc.constant(proof),
    fc.shuffledSubarray(proof),
    fc.array(fc.constantFrom(...proof, rootAt(1)), { maxLength: 70 }),
  );
  const spoiling = fc.tuple(drawn, fc.nat(2 * proof.length));
  return spoiling.map(([hashes, spoilt]) => hashes.map((hash, at) => (at === spoilt ? rootAt(2) : hash)));
};
const otherNumber = fc.oneof(fc.integer({ min: -2, max: sizeMax }), fc.maxSafeNat(), fc.constant(2 ** 53));

describe('on trees of any size', () => {
  test('both find the same root', () => {
    fc.assert(
      fc.property(fc.nat(sizeMax), (count) => {
        expect(theirs('roots', { count })).toEqual(ours('roots', { count }));
      }),
      { numRuns: 30 },
    );
  });

  test('both find every leaf in, and every tree a beginning of its later ones', () => {
    fc.assert(
      fc.property(leafIn, growth, ([index, size], [oldSize, newSize]) => {
        const growing = consistency(oldSize, newSize);
        for (const judged of [ours, theirs]) {
          expect(judged('inclusion', inclusion(index, size))).toEqual({ shown: {} });
          expect(judged('consistency', growing)).toEqual({ shown: {} });
        }
      }),
    );
  });

  test('of an inclusion with other hashes or numbers both find the same', () => {
    const claim = leafIn.chain(([index, size]) => {
      const sound = inclusion(index, size);
      const changed = fc.record(
        { proof: otherHashes(sound.proof), index: otherNumber, size: otherNumber },
        { requiredKeys: [] },
      );
      return changed.map((other): Values => ({ ...sound, ...other }));
    });
    fc.assert(
      fc.property(claim, (given) => {
        expect(theirs('inclusion', given)).toEqual(ours('inclusion', given));
      }),
      { numRuns: 500 },
    );
  });

  test('of a consistency with other hashes or numbers both find the same', () => {
    const claim = growth.chain(([oldSize, newSize]) => {
      const sound = consistency(oldSize, newSize);
      const changed = fc.record(
        { proof: otherHashes(sound.proof), old_size: otherNumber, new_size: otherNumber },
        { requiredKeys: [] },
      );
      return changed.map((other): Values => ({ ...sound, ...other }));
    });
    fc.assert(
      fc.property(claim, (given) => {
        expect(theirs('consistency', given)).toEqual(ours('consistency', given));
      }),
      { numRuns: 500 },
    );
  });
});

type Edit = (text: string, at: number, mark: string) => string;
const edits: Edit[] = [
  (text, at, mark) => `${text.slice(0, at)}${mark}${text.slice(at)}`,
  (text, at, mark) => `${text.slice(0, at)}${mark}${text.slice(at + 1)}`,
  (text, at) => `${text.slice(0, at)}${text.slice(at + 1)}`,
  (text, at) => text.slice(0, at),
  (text, at) => linesEdited(text, at, (line) => [line, line]),
  (text, at) => linesEdited(text, at, () => []),
  (text, at) => linesEdited(text, at, (line) => [line.slice(0, -1)]),
  (text, at) => linesEdited(text, at, (line, next) => [next, line]),
];
/** Written byte by byte: the em dash and what is no UTF-8 are among them. */
const marks = [
  '\n',
  '\n\n',
  ' ',
  '=',
  '+',
  '/',
  '-',
  '0',
  '9',
  'A',
  'B',
  'x',
  '\t',
  '\0',
  '\r',
  '\x7f',
].concat(['\xe2\x80\x94 ', '\xc2\xa0', '\xc2\x85', '\xef\xbb\xbf', '\xff']);
const edited = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.constantFrom(...edits), fc.nat(text.length), fc.constantFrom(...marks)), {
      minLength: 1,
      maxLength: 3,
    })
    .map((drawn) => drawn.reduce((changed, [edit, at, mark]) => edit(changed, at, mark), text));

function linesEdited(text: string, at: number, edit: (line: string, next: string) => string[]): string {
  const lines = text.split('\n');
  const line = text.slice(0, at).split('\n').length - 1;
  const [one = '', next = ''] = lines.slice(line, line + 2);
  const put = edit(one, next);
  return lines.toSpliced(line, put.length === 2 && put[0] === next ? 2 : 1, ...put).join('\n');
}

describe('of what was changed at any place, both find the same', () => {
  test.each<[VectorName, string]>([
    ['digests', 'digest'],
    ['inclusion', 'entry'],
    ['tile-paths', 'path'],
    ['verifier-keys', 'key'],
  ])('%s: the %s', (name, field) => {
    const sound = givenIn(name);
    const changed = fc
      .constantFrom(...sound)
      .chain((given) => edited(given[field] as string).map((text): Values => ({ ...given, [field]: text })));
    fc.assert(
      fc.property(changed, (given) => {
        expect(theirs(name, given)).toEqual(ours(name, given));
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[VectorName, string]>([
    ['bundles', 'bundle'],
    ['tiles', 'tile'],
    ['notes', 'note'],
    ['checkpoints', 'checkpoint'],
    ['growth', 'newer'],
    ['cosignatures', 'checkpoint'],
    ['proofs', 'proof'],
    ['requests', 'request'],
  ])('%s: the bytes of the %s', (name, field) => {
    const sound = givenIn(name).filter((given) => sentBytes(given[field] as Sent).length < 10_000);
    const changed = fc.constantFrom(...sound).chain((given) => {
      const text = Buffer.from(sentBytes(given[field] as Sent)).toString('latin1');
      return edited(text).map((other) => {
        const sent = { base64: Buffer.from(other, 'latin1').toString('base64') };
        return { ...given, [field]: sent } satisfies Values;
      });
    });
    fc.assert(
      fc.property(changed, (given) => {
        expect(theirs(name, given)).toEqual(ours(name, given));
      }),
      { numRuns: 1500 },
    );
  });

  test('what no edit has reached is still shown', () => {
    const [sound] = givenIn('proofs');
    for (const judged of [ours, theirs]) expect(judged('proofs', sound ?? {})).toHaveProperty('shown');
  });
});
