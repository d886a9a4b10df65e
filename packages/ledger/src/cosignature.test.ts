import { describe, expect, test } from 'vitest';

import { openCheckpoint } from './checkpoint.ts';
import { cosign, verifyCosignatures } from './cosignature.ts';
import { parseNote, signNote, type Note, type NoteSignature } from './note.ts';
import { noteSigner, parseVerifierKey } from './note-key.ts';
import { codeOf, flipped } from './tree.fixture.ts';

// Two checkpoints that a public witness cosigned, as it served them: of a log of the witness network's staging list,
// and of a Certificate Transparency log. The last line of the first stands for the ML-DSA cosignature beside it.
const navigli = parseVerifierKey(
  'witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G',
);
const markovian = {
  origin: 'markovianprotocol.com/log',
  keys: [parseVerifierKey('markovianprotocol.com/log+0302c6c8+ATkpOWo95UuEiW2EhNZAol4f0CS8hMluJfPcTSzrr03v')],
};
const markovianCheckpoint =
  'markovianprotocol.com/log\n9266\nQnwPzJywq5AyOk9k1zLqfryh6Ktw1CnaaKplELApoxw=\n\n' +
  '— markovianprotocol.com/log AwLGyIvuxLXZM101mKdNCPTsl9GgtiG/wzbd8cGru0pGnWVMXI06twIsEIZho7n8id+w2EO0BZCa' +
  'lxuEm6BauQGNmgo=\n' +
  '— witness.navigli.sunlight.geomys.org o+AP4gAAAABqwX+So8evhUsltetL+QnwUxEYMNrD25pJYOTFHwDCopbgQMl2AEh583A' +
  'xfFNMDZzE73rdjK62tUN8oUBfd9p6usq+BA==\n' +
  '— witness.navigli.sunlight.geomys.org a8RCSQAAAABqwX+S\n';
const ctCheckpoint =
  'coachandhorses2026h1.staging.certificate.transparency.goog\n185550722\n' +
  'YXAM0VmnrfvLaBCOOYSJhCaE5F10oGBOo+hkbDa1kng=\n\n' +
  '— witness.navigli.sunlight.geomys.org o+AP4gAAAABqb7DzNrGFRJnQ9vrJ8xpnwZytnr/ZYczDIsvwvouiSjwOjn7a72ccxBk' +
  '+lKnZ7dKqkYKER1s/KxLTaVwQD7lJZTC/CQ==\n';

describe('S47 cosignatures of a witness that is not ours', () => {
  test('verify with their time, beside a cosignature of a type that nobody here reads', () => {
    const { note, size } = openCheckpoint(markovianCheckpoint, markovian);
    expect(size).toBe(9266);
    expect(verifyCosignatures(note, [navigli])).toEqual([{ key: navigli, time_s: 0x6ac17f92 }]);
    expect(verifyCosignatures(parseNote(ctCheckpoint), [navigli])).toEqual([
      { key: navigli, time_s: 0x6a6fb0f3 },
    ]);
  });

  test.each([
    ['size', '9266', '9267'],
    ['root', 'QnwP', 'QnwQ'],
    ['time', 'qwX+So8e', 'qwX+To8e'],
    ['signature', 'usq+BA==', 'usq/BA=='],
  ])('with another %s it is refused', (_, from, to) => {
    const spoilt = parseNote(markovianCheckpoint.replace(from, to));
    expect(codeOf(() => verifyCosignatures(spoilt, [navigli]))).toBe('signature_invalid');
  });
});

const log = noteSigner('log', 'note', new Uint8Array(32).fill(1));
const witness = noteSigner('w1', 'cosignature', new Uint8Array(32).fill(2));
const other = noteSigner('w2', 'cosignature', new Uint8Array(32).fill(3));
const text = 'log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n';
const withLines = (...lines: NoteSignature[]): Note => {
  const note = signNote(text, [log]);
  return { ...note, signatures: [...note.signatures, ...lines] };
};

describe('cosignatures of ours', () => {
  test('are found by key, each with its time, whatever else is there', () => {
    const note = withLines(cosign(text, other, 20), cosign(text, witness, 10));
    expect(verifyCosignatures(note, [witness.key])).toEqual([{ key: witness.key, time_s: 10 }]);
    expect(verifyCosignatures(note, [])).toEqual([]);
    expect(verifyCosignatures(withLines(), [witness.key])).toEqual([]);
  });

  test('two by one key count once, with the earlier time', () => {
    const note = withLines(cosign(text, witness, 30), cosign(text, witness, 10));
    expect(verifyCosignatures(note, [witness.key])).toEqual([{ key: witness.key, time_s: 10 }]);
  });

  test('one bad one by a known key refuses all, beside a good one too', () => {
    const good = cosign(text, witness, 10);
    for (const bit of [0, 70, 200, 575]) {
      const note = withLines(good, { ...good, bytes: flipped(good.bytes, bit) });
      expect(codeOf(() => verifyCosignatures(note, [witness.key]))).toBe('signature_invalid');
    }
  });

  test('one bad one by an unknown key is ignored', () => {
    const good = cosign(text, witness, 10);
    const note = withLines(good, { name: 'w9', id: '00000000', bytes: Uint8Array.of(1) });
    expect(verifyCosignatures(note, [witness.key])).toHaveLength(1);
  });

  test.each([1, 8, 9, 63, 64, 71, 73])('one of %i bytes is refused', (length) => {
    const note = withLines({ name: 'w1', id: witness.key.id, bytes: new Uint8Array(length) });
    expect(codeOf(() => verifyCosignatures(note, [witness.key]))).toBe('signature_invalid');
  });

  test('a time beyond 2^53 is refused, though the signature be good', () => {
    const time = new Uint8Array(8).fill(0xff);
    const signed = new TextEncoder().encode(`cosignature/v1\ntime ${2n ** 64n - 1n}\n${text}`);
    const bytes = new Uint8Array([...time, ...witness.sign(signed)]);
    const note = withLines({ name: 'w1', id: witness.key.id, bytes });
    expect(codeOf(() => verifyCosignatures(note, [witness.key]))).toBe('signature_invalid');
  });

  test("a witness's signature of the text alone is no cosignature, nor the other way round", () => {
    const alone = { name: 'w1', id: witness.key.id, bytes: witness.sign(new TextEncoder().encode(text)) };
    expect(codeOf(() => verifyCosignatures(withLines(alone), [witness.key]))).toBe('signature_invalid');
    expect(() => cosign(text, log, 10)).toThrow('a key for cosignatures');
    expect(() => signNote(text, [witness])).toThrow('a key for notes');
  });

  test.each([0, -1, 0.5, 2 ** 53, Number.NaN])('at %s seconds nothing is cosigned', (time_s) => {
    expect(() => cosign(text, witness, time_s)).toThrow('a time in seconds');
  });
});
