import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { unhex, codeOf } from './tree.fixture.ts';
import { decodeBase64 } from './bytes.ts';
import { verifyNote } from './note.ts';
import { noteKey } from './note-key.ts';
import { verifyConsistency } from './tree-proof.ts';
import { formatNote } from './note.ts';
import { formatWitnessRequest, parseWitnessRequest } from './witness-request.ts';

// The requests that the test of filippo.io/torchwood's witness sends (litewitness.txt), and what it answers them.
const origin = 'sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562';
const key = noteKey(
  origin,
  'note',
  unhex('ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f'),
);
const firstRoot = decodeBase64('KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=');
const first = `old 0

${origin}
1
KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— ${origin} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=
`;
const second = `old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

${origin}
3
RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=

— ${origin} UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=
`;

function judged(body: string): string {
  return codeOf(() => {
    const { oldSize, proof, note, checkpoint } = parseWitnessRequest(body);
    verifyNote(note, [key]);
    verifyConsistency({
      oldSize,
      oldRoot:
        oldSize === 0 ? unhex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855') : firstRoot,
      newSize: checkpoint.size,
      newRoot: checkpoint.root,
      proof,
    });
  });
}

describe('S47 requests to a witness that is not ours get its verdicts', () => {
  test('what it cosigns is sound here, and is written the same', () => {
    for (const body of [first, second]) {
      expect(judged(body)).toBe('none');
      const { oldSize, proof, note } = parseWitnessRequest(body);
      expect(formatWitnessRequest(oldSize, proof, formatNote(note))).toBe(body);
    }
  });

  test('what it answers with 403 and 422 is refused here', () => {
    expect(judged(second.replace('6go=', '6gx='))).toBe('malformed');
    expect(judged(second.replace('6go=', '6gw='))).toBe('signature_invalid');
    expect(judged(second.replaceAll('e562', 'e563'))).toBe('signature_missing');
    expect(judged(second.replace(/\nKg.+\nKg.+\n/u, '\n'))).toBe('proof_invalid');
    expect(judged(second.replace('KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', firstLineOfZeros()))).toBe(
      'proof_invalid',
    );
    expect(judged(second.replace('old 1', 'old 0'))).toBe('proof_invalid');
  });
});

function firstLineOfZeros(): string {
  return `${'A'.repeat(43)}=`;
}

describe('S47 what is no request (400)', () => {
  const hash = `${firstLineOfZeros()}\n`;
  test.each<[string, string]>([
    ['nothing', ''],
    ['no old size', second.replace('old 1\n', '')],
    ['an old size with leading zero', second.replace('old 1', 'old 01')],
    ['an old size of 2^53', second.replace('old 1', 'old 9007199254740992')],
    ['an old size above the checkpoint', second.replace('old 1', 'old 4')],
    ['two old sizes', second.replace('old 1', 'old 1\nold 1')],
    ['another word', second.replace('old 1', 'size 1')],
    ['a space more', second.replace('old 1', 'old  1')],
    ['a hash in base64url', second.replace('RcCI', 'Rc-I')],
    ['a hash of other length', second.replace('KgEAAAAA', 'KgEA')],
    ['64 hashes', second.replace('old 1\n', `old 1\n${hash.repeat(62)}`)],
    ['no checkpoint', 'old 1\n\n'],
    ['no blank line before the checkpoint', second.replace('=\n\n', '=\n')],
    ['a checkpoint without signature', second.slice(0, second.lastIndexOf('— '))],
    ['a size with leading zero', second.replace('\n3\n', '\n03\n')],
    ['carriage returns', second.replaceAll('\n', '\r\n')],
    ['no last newline', second.slice(0, -1)],
    ['more than the bound', `${second}${'a'.repeat(200_000)}`],
  ])('%s', (_, body) => {
    expect(codeOf(() => parseWitnessRequest(body))).toBe('malformed');
  });

  test('63 hashes are read', () => {
    const body = second.replace('old 1\n', `old 1\n${hash.repeat(61)}`);
    expect(parseWitnessRequest(new TextEncoder().encode(body)).proof).toHaveLength(63);
  });

  test('whatever comes is read or refused', () => {
    const cut = second.split(/(?<=[\n ])/u);
    fc.assert(
      fc.property(fc.shuffledSubarray(cut), fc.string(), (lines, text) => {
        expect(['none', 'malformed']).toContain(codeOf(() => parseWitnessRequest(lines.join(''))));
        expect(codeOf(() => parseWitnessRequest(`old ${text}`))).toBe('malformed');
      }),
      { numRuns: 500 },
    );
  });
});
