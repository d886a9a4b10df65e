import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatCheckpoint, openCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { formatNote, signNote } from './note.ts';
import { noteSigner, parseVerifierKey } from './note-key.ts';
import { codeOf } from './tree.fixture.ts';
import { emptyRoot } from './tree-hash.ts';

// Two checkpoints of Go's checksum database, and its key; quoted by the tests of C2SP's witness and of trillian-examples.
const goSum = {
  origin: 'go.sum database tree',
  keys: [parseVerifierKey('sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8')],
};
const goSumCheckpoint =
  'go.sum database tree\n35225469\nvt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=\n\n— sum.golang.org ' +
  'Az3grpukl5AXaVfYkLiDGORx/DN2nlcS5kZHR5uYOBV2KA2HgXpD+gu9HHONebHLAyaKbbTM75QTtPydhKCExixSfwQ=\n';
const cosignedByOthers =
  'go.sum database tree\n15067302\ngJyioq6dwR9n+NjEWORfYmH+ubeYm3kH42BBQ0bTpYI=\n\n— sum.golang.org ' +
  'Az3grp1rvWOs5NKlr/xR4GLN/CDyzzakmt1o61uSxYKpK1SerqOP2ClbX/peKUZjYnyomH5Xz7GZG3TpB7OeKn4E2ww=\n' +
  '— test.example.com qTGhC/xIPQ0AXKHK6Y+9ypRfuvMZWPjRXM8NiOg5M1WREn07VQXyuIXM3NRNav3ieVFLUqDRK77PWDmL6w8w8' +
  '4UqeAw=\n';

describe('S47 checkpoints of a public log', () => {
  test.each([
    [goSumCheckpoint, 35_225_469],
    [cosignedByOthers, 15_067_302],
  ])('open under the key of the log', (note, size) => {
    expect(openCheckpoint(note, goSum)).toMatchObject({ origin: goSum.origin, size, extensions: [] });
  });

  test('with one more leaf, another root, origin or key they do not', () => {
    const spoilt = (from: string, to: string): string =>
      codeOf(() => openCheckpoint(goSumCheckpoint.replace(from, to), goSum));
    expect(spoilt('35225469', '35225470')).toBe('signature_invalid');
    expect(spoilt('vt5T', 'vt5U')).toBe('signature_invalid');
    expect(spoilt('go.sum', 'go.sun')).toBe('origin_unexpected');
    expect(spoilt('— sum', '— som')).toBe('signature_missing');
  });
});

const root = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

describe('S47 what is no checkpoint', () => {
  test.each([
    ['leading zero', `a\n01\n${root}\n`],
    ['zeros for zero', `a\n00\n${root}\n`],
    ['sign', `a\n+1\n${root}\n`],
    ['minus', `a\n-1\n${root}\n`],
    ['hexadecimal', `a\n0x1\n${root}\n`],
    ['exponent', `a\n1e3\n${root}\n`],
    ['fraction', `a\n1.0\n${root}\n`],
    ['space', `a\n 1\n${root}\n`],
    ['other digits', `a\n١\n${root}\n`],
    ['2^53', `a\n9007199254740992\n${root}\n`],
    ['a hundred digits', `a\n${'9'.repeat(100)}\n${root}\n`],
    ['no size', `a\n\n${root}\n`],
    ['two sizes', `a\n1\n1\n${root}\n`],
    ['no origin', `\n1\n${root}\n`],
    ['no root', 'a\n1\n'],
    ['short root', 'a\n1\nAAAA\n'],
    ['root without padding', `a\n1\n${root.slice(0, -1)}\n`],
    ['root with spare bits', `a\n1\n${root.replace('FU=', 'FV=')}\n`],
    ['root in base64url', `a\n1\n${root.replaceAll('+', '-')}\n`],
    ['no last newline', `a\n1\n${root}`],
    ['carriage returns', `a\r\n1\r\n${root}\r\n`],
    ['an empty line', `a\n1\n${root}\n\n`],
    ['an empty line among extensions', `a\n1\n${root}\nb\n\nc\n`],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(codeOf(() => parseCheckpoint(text))).toBe('malformed');
  });

  test('whatever comes is read or refused, and what is read is spelt so', () => {
    const pieces = fc.constantFrom('a', '\n', '0', '12', root, '=', ' ', 'b');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 10 }), (drawn) => {
        const text = drawn.join('');
        if (codeOf(() => parseCheckpoint(text)) === 'none') {
          expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a checkpoint of ours', () => {
  const signer = noteSigner('bureau.example/ledger', 'note', new Uint8Array(32));
  const ours = { origin: 'bureau.example/ledger', size: 0, root: emptyRoot(), extensions: [] };

  test('is three lines, and opens again', () => {
    expect(formatCheckpoint(ours)).toBe(`bureau.example/ledger\n0\n${root}\n`);
    const note = formatNote(signNote(formatCheckpoint(ours), [signer]));
    expect(openCheckpoint(note, { origin: ours.origin, keys: [signer.key] })).toMatchObject(ours);
  });

  test('with extension lines is read with them', () => {
    const extended = { ...ours, extensions: ['one', 'two'] };
    expect(parseCheckpoint(formatCheckpoint(extended))).toEqual(extended);
  });

  test.each([
    { ...ours, size: -1 },
    { ...ours, size: 2 ** 53 },
    { ...ours, root: new Uint8Array(31) },
    { ...ours, origin: '' },
    { ...ours, origin: 'a\nb' },
    { ...ours, extensions: [''] },
  ])('that no reader would take is a fault of ours and stops (%#)', (wrong) => {
    expect(() => formatCheckpoint(wrong)).toThrow('a checkpoint has');
  });
});
