import { systemRandom } from '@causeway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blindBatch, canaryUnder, finishBatch } from './blind-batch.ts';
import { blind, evaluate, finalize, generateBlindKey, subjectRef } from './blind-reference.ts';
import { randomFrom } from './federation.fixture.ts';
import { codeOf } from './refusal.fixture.ts';

const key = generateBlindKey();
const epoch = { epoch: '1', canary: canaryUnder(key, systemRandom) };
const inputs = Array.from({ length: 5 }, (_, n) => new TextEncoder().encode(`gb11643:${n}`));

const direct = (input: Uint8Array, under = key): string => {
  const { blinded, state } = blind(input);
  const [evaluated = blinded] = evaluate(under, [blinded]);
  return subjectRef('1', finalize(input, state, evaluated));
};

describe('a batch with its canary', () => {
  it('gives each input the reference that it has alone, in order', () => {
    const batch = blindBatch(inputs, systemRandom);
    expect(batch.blinded).toHaveLength(inputs.length + 1);
    const refs = finishBatch(inputs, batch, evaluate(key, batch.blinded), epoch);
    expect(refs).toEqual(inputs.map((input) => direct(input)));
  });

  it('the canary comes to the same under a key, whoever hides it, and to another under another', () => {
    expect(canaryUnder(key, randomFrom(7))).toBe(epoch.canary);
    expect(canaryUnder(generateBlindKey(), systemRandom)).not.toBe(epoch.canary);
  });

  it('hides the canary at every place, as often at one as at another', () => {
    const places = Array.from({ length: 600 }, () => blindBatch([], systemRandom).canaryAt);
    expect(new Set(places)).toEqual(new Set([0]));
    const counts = [0, 0, 0];
    const two = inputs.slice(0, 2);
    for (let n = 0; n < 300; n += 1) {
      const { canaryAt } = blindBatch(two, systemRandom);
      counts[canaryAt] = (counts[canaryAt] ?? 0) + 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(50);
  });
});

describe('an evaluator that does not do its part', () => {
  it('is found out where it evaluates all under another key, and no reference is given', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }), (n, seed) => {
        const some = inputs.slice(0, n);
        const batch = blindBatch(some, randomFrom(seed));
        const evaluated = evaluate(generateBlindKey(randomFrom(seed + 1)), batch.blinded);
        expect(finishBatch(some, batch, evaluated, epoch)).toBeUndefined();
      }),
      { numRuns: 15 },
    );
  });

  it('is found out where it cheats on as much as one element and hits the canary', () => {
    const batch = blindBatch(inputs, systemRandom);
    const honest = evaluate(key, batch.blinded);
    const cheating = evaluate(generateBlindKey(), batch.blinded);
    const outcomes = honest.map((_, at) =>
      finishBatch(inputs, batch, honest.with(at, cheating[at] ?? new Uint8Array()), epoch),
    );
    expect(outcomes.filter((refs) => refs === undefined)).toHaveLength(1);
    expect(outcomes[batch.canaryAt]).toBeUndefined();
  });

  it('is refused where it sends fewer, more or something that is no element', () => {
    const batch = blindBatch(inputs, systemRandom);
    const evaluated = evaluate(key, batch.blinded);
    const finish = (list: Uint8Array[]) => codeOf(() => finishBatch(inputs, batch, list, epoch));
    expect(finish(evaluated.slice(1))).toBe('unavailable');
    expect(finish([...evaluated, ...evaluated.slice(0, 1)])).toBe('unavailable');
    expect(finish(evaluated.map(() => new Uint8Array(32)))).toBe('bad_request');
  });

  it('gives nothing where the directory publishes another canary', () => {
    const batch = blindBatch(inputs, systemRandom);
    const other = { ...epoch, canary: canaryUnder(generateBlindKey(), systemRandom) };
    expect(finishBatch(inputs, batch, evaluate(key, batch.blinded), other)).toBeUndefined();
  });
});
