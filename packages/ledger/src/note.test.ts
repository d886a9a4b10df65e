import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeBase64 } from './bytes.ts';
import { formatNote, noteLimits, parseNote, parseSignatures, signNote, verifyNote } from './note.ts';
import { formatVerifierKey, noteKey, noteSigner, parseVerifierKey } from './note-key.ts';
import { codeOf, flipped } from './tree.fixture.ts';

// From note_test.go of golang.org/x/mod/sumdb/note: key, seed and note.
const peter = {
  key: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  seed: decodeBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz').slice(1),
  text:
    'If you think cryptography is the answer to your problem,\n' +
    "then you don't know what your problem is.\n",
  line:
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6Ryy' +
    'BwJnAM=\n',
};
const note = `${peter.text}\n${peter.line}`;
const keys = [parseVerifierKey(peter.key)];
const opened = (text: string | Uint8Array): string => codeOf(() => verifyNote(parseNote(text), keys));

describe('S47 notes of implementations that are not ours', () => {
  test("Go's note verifies, and is signed again to the same bytes", () => {
    expect(opened(note)).toBe('none');
    const signed = signNote(peter.text, [noteSigner('PeterNeumann', 'note', peter.seed)]);
    expect(formatNote(signed)).toBe(note);
  });

  // The example of C2SP signed-note.
  test("the specification's note verifies under its verifier key", () => {
    const foo = parseVerifierKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
    const example =
      'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Z' +
      'tg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
    expect(verifyNote(parseNote(example), [foo])).toEqual([foo]);
  });

  test.each([
    ['wrong length', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='],
    ['unknown type', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
  ])("Go's verifier key of %s is refused", (_, key) => {
    expect(codeOf(() => parseVerifierKey(key))).toBe('malformed');
  });

  test('no part of a verifier key and no key with a character changed is a verifier key', () => {
    for (let from = 0; from < peter.key.length; from += 1) {
      const changed = String.fromCharCode(peter.key.charCodeAt(from) + 1);
      const spoilt = `${peter.key.slice(0, from)}${changed}${peter.key.slice(from + 1)}`;
      expect(codeOf(() => parseVerifierKey(spoilt))).toBe('malformed');
      expect(codeOf(() => parseVerifierKey(peter.key.slice(0, from)))).toBe('malformed');
      if (from > 0) expect(codeOf(() => parseVerifierKey(peter.key.slice(from)))).toBe('malformed');
    }
  });
});

describe('keys', () => {
  test('a key for notes and one for cosignatures have different ids', () => {
    const [of, other] = [
      noteSigner('a', 'note', peter.seed).key,
      noteSigner('a', 'cosignature', peter.seed).key,
    ];
    expect(of.id).not.toBe(other.id);
    expect(parseVerifierKey(formatVerifierKey(other))).toEqual(other);
  });

  test.each([
    '',
    ' ',
    'a b',
    'a+b',
    'a\u00a0b',
    'a\u2028b',
    'a\tb',
    'a\nb',
    'a\u0085b',
    'a\u0000b',
    'a\ud800',
  ])('S47 %j is no key name', (name) => {
    expect(codeOf(() => noteKey(name, 'note', new Uint8Array(32)))).toBe('malformed');
  });
});

describe('S47 what is no note', () => {
  const control = Array.from({ length: 32 }, (_, at) => String.fromCharCode(at)).filter(
    (mark) => mark !== '\n',
  );
  test.each(control)('a control character, %j, in text, name or signature', (mark) => {
    expect(opened(note.replace('crypto', `crypto${mark}`))).toBe('malformed');
    expect(opened(note.replace('— PeterN', `— Peter${mark}N`))).toBe('malformed');
    expect(opened(note.replace('x08go', `x08go${mark}`))).toBe('malformed');
  });

  const lines = (count: number): string =>
    Array.from({ length: count }, (_, at) => peter.line.replace('Peter', `Peter${at}`)).join('');
  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['text alone', peter.text],
    ['no blank line', `${peter.text}${peter.line}`],
    ['no signature', `${peter.text}\n`],
    ['signature without newline', note.slice(0, -1)],
    ['lines that end in CR LF', note.replaceAll('\n', '\r\n')],
    ['a hyphen for the dash', note.replace('—', '-')],
    ['two spaces', note.replace('— ', '—  ')],
    ['a space at the end', note.replace(/\n$/u, ' \n')],
    ['a name with plus', note.replace('— Peter', '— Pe+ter')],
    ['no name', note.replace('PeterNeumann ', '')],
    ['base64url', note.replace('o/ZJ', 'o_ZJ')],
    ['base64 without padding', note.replace('nAM=', 'nAM')],
    ['base64 with spare bits', note.replace('nAM=', 'nAN=')],
    ['a signature of four bytes', `${peter.text}\n— PeterNeumann x08gow==\n`],
    ['a line that is no signature', `${note}hello\n`],
    ['17 signatures', `${note}${lines(16)}`],
    ['bytes that are no UTF-8', new Uint8Array([...new TextEncoder().encode('a\n\n'), 0xff])],
    ['a lone surrogate', note.replace('crypto', 'crypto\ud800')],
    ['more bytes than the bound', `${'a'.repeat(noteLimits.bytesMax)}\n\n${peter.line}`],
  ])('%s', (_, text) => {
    expect(opened(text)).toBe('malformed');
  });

  test('16 signatures pass, a byte order mark is part of the text, and text may have blank lines', () => {
    expect(opened(`${note}${lines(15)}`)).toBe('none');
    expect(opened(new TextEncoder().encode(`\ufeff${note}`))).toBe('signature_invalid');
    const signed = formatNote(signNote('a\n\nb\n', [noteSigner('x', 'note', peter.seed)]));
    expect(parseNote(signed).text).toBe('a\n\nb\n');
  });

  test.each(['', 'no newline', 'a\r\n', '\ud800\n'])('%j is not signed', (text) => {
    expect(codeOf(() => signNote(text, [noteSigner('x', 'note', peter.seed)]))).toBe('malformed');
  });
});

describe('who has signed', () => {
  test('no known key, or one of the same name and another id, is signature_missing', () => {
    const other = noteSigner('PeterNeumann', 'note', new Uint8Array(32)).key;
    expect(codeOf(() => verifyNote(parseNote(note), []))).toBe('signature_missing');
    expect(codeOf(() => verifyNote(parseNote(note), [other]))).toBe('signature_missing');
  });

  test('one bad signature under a known key refuses the note, beside a good one too', () => {
    const bad = peter.line.replace('ZJku', 'ZJkv');
    expect(opened(`${peter.text}\n${bad}`)).toBe('signature_invalid');
    expect(opened(`${note}${bad}`)).toBe('signature_invalid');
    expect(opened(`${peter.text}\n${bad}${peter.line}`)).toBe('signature_invalid');
  });

  test('a bad signature of unknown keys is ignored', () => {
    expect(opened(`${note}— somebody AAAAAAAA\n`)).toBe('none');
  });

  test('no text with a bit turned verifies', () => {
    const { text, signatures } = parseNote(note);
    const bytes = new TextEncoder().encode(text);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const turned = Buffer.from(flipped(bytes, bit)).toString('latin1');
        expect(codeOf(() => verifyNote({ text: turned, signatures }, keys))).toBe('signature_invalid');
      }),
    );
  });
});

test('a note of any text and names comes back as it was', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((drawn) => !/\p{Cc}/u.test(drawn));
  const name = fc.stringMatching(/^[a-z0-9./é文-]{1,20}$/u);
  fc.assert(
    fc.property(text, fc.array(name, { minLength: 1, maxLength: 3 }), (line, names) => {
      const signers = names.map((of) => noteSigner(of, 'note', peter.seed));
      const signed = signNote(`${line}\n`, signers);
      expect(parseNote(formatNote(signed))).toEqual(signed);
      expect(
        verifyNote(
          parseNote(formatNote(signed)),
          signers.map(({ key }) => key),
        ),
      ).toHaveLength(names.length);
    }),
    { numRuns: 40 },
  );
});

test('whatever comes, a note, its lines and a key are read or refused, and what is read is spelt so', () => {
  const pieces = fc.constantFrom(
    '\n',
    '\n\n',
    '— ',
    'a',
    ' ',
    '+',
    'x08gow==',
    'AAAAAAAA',
    '\r',
    '\ufeff',
    peter.line,
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 12 }).map((drawn) => drawn.join('')),
  );
  fc.assert(
    fc.property(text, fc.uint8Array({ maxLength: 60 }), (drawn, bytes) => {
      if (codeOf(() => parseNote(drawn)) === 'none') expect(formatNote(parseNote(drawn))).toBe(drawn);
      for (const read of [parseNote, parseSignatures]) {
        expect(['none', 'malformed']).toContain(codeOf(() => read(drawn)));
        expect(['none', 'malformed']).toContain(codeOf(() => read(bytes)));
      }
      expect(['none', 'malformed']).toContain(codeOf(() => parseVerifierKey(drawn)));
    }),
    { numRuns: 1000 },
  );
});
