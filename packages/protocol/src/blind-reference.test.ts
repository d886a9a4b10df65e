import { ristretto255_oprf as noble } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blind, evaluate, finalize, generateBlindKey, isSubjectRef, subjectRef } from './blind-reference.ts';
import { randomFrom } from './federation.fixture.ts';
import { codeOf, refusal } from './refusal.fixture.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const only = (list: readonly Uint8Array[]) => list[0] ?? new Uint8Array();

describe('RFC 9497 appendix A.1.1, ristretto255-SHA512, mode OPRF', () => {
  const key = bytes('5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e');
  it.each([
    [
      '00',
      '527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3' +
        'ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6',
    ],
    [
      '5a'.repeat(17),
      'f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4' +
        'f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73',
    ],
  ])('input %s', (input, output) => {
    const { blinded, state } = blind(bytes(input));
    expect(hex(finalize(bytes(input), state, only(evaluate(key, [blinded]))))).toBe(output);
  });
});

describe('byte for byte the same as an independent implementation', () => {
  const input = fc.uint8Array({ maxLength: 64 });
  const seed = fc.integer({ min: 1, max: 2 ** 31 - 1 });

  it('in every step, in any mixture of the two', () => {
    fc.assert(
      fc.property(input, seed, (text, n) => {
        const key = generateBlindKey(randomFrom(n));
        const ours = blind(text, randomFrom(n + 1));
        const theirs = noble.oprf.blind(text);
        const [a, b] = evaluate(key, [ours.blinded, theirs.blinded]);
        expect(hex(a ?? bytes(''))).toBe(hex(noble.oprf.blindEvaluate(key, ours.blinded)));
        const output = hex(finalize(text, ours.state, a ?? bytes('')));
        expect(hex(noble.oprf.finalize(text, ours.state, a ?? bytes('')))).toBe(output);
        expect(hex(finalize(text, theirs.blind, b ?? bytes('')))).toBe(output);
      }),
      { numRuns: 20 },
    );
  });
});

describe('what the evaluator sees and refuses', () => {
  const key = generateBlindKey();
  const text = new TextEncoder().encode('gb11643:990000199001010019');

  it('the same input never looks the same twice, and gives the same output', () => {
    const [a, b] = [blind(text), blind(text)];
    expect(hex(a.blinded)).not.toBe(hex(b.blinded));
    const outputs = [a, b].map(({ blinded, state }) =>
      hex(finalize(text, state, only(evaluate(key, [blinded])))),
    );
    expect(new Set(outputs).size).toBe(1);
  });

  it('another key gives another output', () => {
    const { blinded, state } = blind(text);
    const outputs = [key, generateBlindKey()].map((k) =>
      hex(finalize(text, state, only(evaluate(k, [blinded])))),
    );
    expect(new Set(outputs).size).toBe(2);
  });

  it.each([
    ['the identity', new Uint8Array(32)],
    ['no encoding of a point', new Uint8Array(32).fill(255)],
    ['a negative encoding', bytes(`01${'00'.repeat(31)}`)],
    ['31 bytes', new Uint8Array(31)],
    ['nothing', new Uint8Array()],
  ])('refuses %s', (_what, element) => {
    const { blinded, state } = blind(text);
    expect(refusal(() => evaluate(key, [blinded, element]))).toMatchObject({
      code: 'bad_request',
      pointer: '/blinded/1',
    });
    expect(codeOf(() => finalize(text, state, element))).toBe('bad_request');
  });

  it.each([new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(31).fill(1)])(
    'refuses a key that is no canonical scalar',
    (bad) => expect(() => evaluate(bad, [])).toThrow(RangeError),
  );
});

describe('subject_ref', () => {
  it('is the epoch and 32 bytes of the output', () => {
    const ref = subjectRef('1', new Uint8Array(64).fill(1));
    expect(ref).toBe('s1.1.AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE');
    expect(isSubjectRef(ref)).toBe(true);
  });

  it.each([
    '',
    's1.1.',
    's2.1.AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE',
    's1..AQ',
    's1.1.110101199001011234',
    null,
  ])('%j is none', (text) => expect(isSubjectRef(text)).toBe(false));

  it('is not made of a short output or an odd epoch', () => {
    expect(() => subjectRef('1', new Uint8Array(31))).toThrow(RangeError);
    expect(() => subjectRef('../x', new Uint8Array(64))).toThrow(RangeError);
  });
});
