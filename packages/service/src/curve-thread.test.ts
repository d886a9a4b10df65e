import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

import { systemRandom } from '@causeway/kernel/system';
import { CausewayError } from '@causeway/protocol';
import { canaryUnder } from '@causeway/protocol/blind-batch';
import { blind, evaluate, finalize, generateBlindKey, subjectRef } from '@causeway/protocol/blind-reference';
import { afterEach, describe, expect, test } from 'vitest';

import { createCurveThread } from './curve-thread.ts';
import type { CurveThread } from './curve-thread.ts';
import { memoryLog } from './shell.fixture.ts';

const key = generateBlindKey();
const epoch = { epoch: '1', canary: canaryUnder(key, systemRandom) };
const inputsOf = (n: number) => Array.from({ length: n }, (_, i) => new TextEncoder().encode(`gb11643:${i}`));

const { log, lines } = memoryLog();
const threads: CurveThread[] = [];
function started(program?: URL): CurveThread {
  const thread = createCurveThread(program === undefined ? { log } : { log, program });
  threads.push(thread);
  return thread;
}
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.close()));
});

async function derive(thread: CurveThread, inputs: readonly Uint8Array[], under = key) {
  const batch = await thread.blind(inputs);
  return await thread.finish(inputs, batch, evaluate(under, batch.blinded), epoch);
}

const codeOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'done',
    (error: unknown) => (error instanceof CausewayError ? error.code : String(error)),
  );

describe('a thread for the arithmetic of references', () => {
  test('gives what the plain functions give, in order', async () => {
    const inputs = inputsOf(20);
    const direct = inputs.map((input) => {
      const { blinded, state } = blind(input);
      const [evaluated = blinded] = evaluate(key, [blinded]);
      return subjectRef('1', finalize(input, state, evaluated));
    });
    expect(await derive(started(), inputs)).toEqual(direct);
  });

  test('says no reference where the canary is not the published one', async () => {
    expect(await derive(started(), inputsOf(3), generateBlindKey())).toBeUndefined();
  });

  test('the event loop turns while 500 references are derived', async () => {
    const thread = started();
    const inputs = inputsOf(500);
    await thread.blind(inputsOf(1));
    // Between two turns of the loop no step of the work may fit: with the work in this thread the loop would
    // turn once or twice; beside it, as often as it can, from the first batch to the last reference.
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns += 1;
      if (!done) setImmediate(turn);
    };
    const blinding = thread.blind(inputs);
    setImmediate(turn);
    const batch = await blinding;
    const whileBlinding = turns;
    const evaluated = evaluate(key, batch.blinded);
    turns = 0;
    const refs = await thread.finish(inputs, batch, evaluated, epoch);
    done = true;
    expect(refs).toHaveLength(500);
    expect(Math.min(whileBlinding, turns)).toBeGreaterThan(100);
  });

  test('what the work refuses is refused here, by its own code', async () => {
    const thread = started();
    const inputs = inputsOf(2);
    const batch = await thread.blind(inputs);
    const evaluated = evaluate(key, batch.blinded);
    const finish = (list: Uint8Array[]) => codeOf(thread.finish(inputs, batch, list, epoch));
    expect(await finish(evaluated.slice(1))).toBe('unavailable');
    expect(await finish(evaluated.map(() => new Uint8Array(32)))).toBe('bad_request');
    expect(await finish(evaluated)).toBe('done');
  });

  test('its death is an error of what it was asked, and it is started again', async () => {
    const dying = started(pathToFileURL(join(import.meta.dirname, 'curve-thread-dies.fixture.ts')));
    const asked = [dying.blind(inputsOf(1)), dying.blind(inputsOf(1))].map(codeOf);
    expect(await Promise.all(asked)).toEqual(['unavailable', 'unavailable']);
    expect(lines()).toContain('curve_thread_ended');
    expect(await codeOf(dying.blind(inputsOf(1)))).toBe('unavailable');
    expect(lines().split('curve_thread_ended')).toHaveLength(3);
  });

  test('too many tasks at once are refused, and the others are done', async () => {
    const thread = started();
    const outcomes = await Promise.all(Array.from({ length: 70 }, () => codeOf(thread.blind(inputsOf(1)))));
    expect(outcomes.filter((code) => code === 'done')).toHaveLength(64);
    expect(outcomes.filter((code) => code === 'unavailable')).toHaveLength(6);
    expect(await codeOf(thread.blind(inputsOf(1)))).toBe('done');
  });

  test('closed, it fails what is under way and takes no more', async () => {
    const thread = started();
    const asked = codeOf(thread.blind(inputsOf(50)));
    await thread.close();
    expect(await asked).toBe('unavailable');
    expect(await codeOf(thread.blind(inputsOf(1)))).toBe('unavailable');
  });
});
