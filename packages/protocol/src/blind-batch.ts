import type { Random } from '@causeway/kernel';
import { encodeBase64url } from './base64url.ts';
import { blind, evaluate, finalize } from './blind-reference.ts';
import { CausewayError } from './errors.ts';
import { subjectRef } from './subject-ref.ts';

/**
 * The input whose outcome the directory publishes for each epoch. It has the form of no identifier. Hidden
 * among the others, it looks to the evaluator like any of them.
 */
const canaryInput = new TextEncoder().encode('canary:causeway');

/** An epoch of references with the outcome of the canary under its key, as the directory lists it. */
export interface ReferenceEpoch {
  readonly epoch: string;
  readonly canary: string;
}

/** Blinded inputs with one canary among them; `states` stays with whoever blinded them. */
export interface BlindedBatch {
  readonly blinded: readonly Uint8Array[];
  readonly states: readonly Uint8Array[];
  /** Where the canary is: one more place than there are inputs. */
  readonly canaryAt: number;
}

/** Blinds inputs for the evaluator, with a canary at a random place among them. */
export function blindBatch(inputs: readonly Uint8Array[], random: Random): BlindedBatch {
  const [draw = 0] = new Uint32Array(random.bytes(4).slice().buffer);
  const canaryAt = draw % (inputs.length + 1);
  const parts = inputs.toSpliced(canaryAt, 0, canaryInput).map((input) => blind(input, random));
  return {
    blinded: parts.map(({ blinded }) => blinded),
    states: parts.map(({ state }) => state),
    canaryAt,
  };
}

/**
 * The subject references of `inputs`, in their order. Undefined where the canary did not come to what the
 * directory publishes: then another key was used, and nothing of the answer may be. Throws `unavailable`
 * where the number of elements is another, and `bad_request` for what is no element.
 */
export function finishBatch(
  inputs: readonly Uint8Array[],
  { canaryAt, states }: Pick<BlindedBatch, 'canaryAt' | 'states'>,
  evaluated: readonly Uint8Array[],
  { canary, epoch }: ReferenceEpoch,
): string[] | undefined {
  if (evaluated.length !== states.length || states.length !== inputs.length + 1) {
    throw new CausewayError('unavailable', { internal: 'another number of elements was evaluated' });
  }
  const all = inputs.toSpliced(canaryAt, 0, canaryInput);
  const outputAt = (at: number): Uint8Array => finalize(of(all, at), of(states, at), of(evaluated, at));
  if (published(outputAt(canaryAt)) !== canary) return undefined;
  const places = all.map((_, at) => at).toSpliced(canaryAt, 1);
  return places.map((at) => subjectRef(epoch, outputAt(at)));
}

/** What the canary comes to under a key: for the ceremony that makes the key. */
export function canaryUnder(key: Uint8Array, random: Random): string {
  const { blinded, state } = blind(canaryInput, random);
  return published(finalize(canaryInput, state, of(evaluate(key, [blinded]), 0)));
}

const published = (output: Uint8Array): string => encodeBase64url(output.subarray(0, 32));

function of(list: readonly Uint8Array[], at: number): Uint8Array {
  const found = list[at];
  if (found === undefined) throw new RangeError('no such element');
  return found;
}
