import { systemRandom } from '@causeway/kernel';
import type { DirectoryView } from '@causeway/protocol';
import { CausewayError, decodeBase64url, encodeBase64url } from '@causeway/protocol';
import { blindBatch, canaryUnder, finishBatch } from '@causeway/protocol/blind-batch';
import { blind, evaluate, finalize, generateBlindKey, subjectRef } from '@causeway/protocol/blind-reference';
import type { References } from '@causeway/protocol/statements/directory';
import { memoryLog } from '@causeway/service/shell.fixture';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { createBlindReferences } from './blind-references.ts';
import type { BlindReferences } from './blind-references.ts';

const keys = { '1': generateBlindKey(), '2': generateBlindKey() };
const epochOf = (epoch: '1' | '2') => ({ epoch, canary: canaryUnder(keys[epoch], systemRandom) });
const inputs = ['a', 'b', 'c'].map((text) => new TextEncoder().encode(`gb11643:${text}`));
const direct = (input: Uint8Array, epoch: '1' | '2'): string => {
  const { blinded, state } = blind(input);
  const [evaluated = blinded] = evaluate(keys[epoch], [blinded]);
  return subjectRef(epoch, finalize(input, state, evaluated));
};

let published: References | undefined;
let under: Record<string, Uint8Array>;
let answer: (answer: { epoch: string; evaluated: string[] }) => object;
let asked: { epoch: string; blinded: string[] }[];
let references: BlindReferences;
let lines: () => string;
/** What a fetch of the directory brings. */
let refresh: () => Promise<void>;

beforeEach(() => {
  published = { current: '1', epochs: [epochOf('1')] };
  under = keys;
  answer = (each) => each;
  asked = [];
  const log = memoryLog();
  ({ lines } = log);
  refresh = vi.fn<() => Promise<void>>(async () => undefined);
  const view = () =>
    ({ references: published, membersWith: () => [{ id: 'authority' }] }) as unknown as DirectoryView;
  const call = async ({ body }: { body?: unknown }): Promise<never> => {
    const request = body as { epoch: '1' | '2'; blinded: string[] };
    asked.push(request);
    const elements = request.blinded.map((text) => decodeBase64url(text));
    const evaluated = evaluate(under[request.epoch] ?? keys['1'], elements).map(encodeBase64url);
    return answer({ epoch: request.epoch, evaluated }) as never;
  };
  const thread = {
    blind: async (all: readonly Uint8Array[]) => blindBatch(all, systemRandom),
    finish: async (...args: Parameters<typeof finishBatch>) => finishBatch(...args),
  };
  references = createBlindReferences({
    federation: { call },
    view,
    latest: view,
    thread,
    log: log.log,
    refresh: () => refresh(),
  });
});

const codeOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'done',
    (error: unknown) => (error instanceof CausewayError ? error.code : String(error)),
  );

describe('references by blind evaluation', () => {
  test('are the same for the same input, in order, in the epoch that was asked for', async () => {
    published = { current: '2', epochs: [epochOf('1'), epochOf('2')] };
    expect(await references.inEachEpoch(async (epoch) => epoch)).toEqual(['2', '1']);
    for (const epoch of ['1', '2'] as const) {
      const refs = await references.derive(inputs, epoch);
      expect(refs).toEqual(inputs.map((input) => direct(input, epoch)));
    }
    expect(asked.map(({ epoch }) => epoch)).toEqual(['1', '2']);
  });

  test('show the authority nothing twice, and one element more than there are inputs', async () => {
    await references.derive(inputs, '1');
    await references.derive(inputs, '1');
    const elements = asked.flatMap(({ blinded }) => blinded);
    expect(elements).toHaveLength(2 * (inputs.length + 1));
    expect(new Set(elements).size).toBe(elements.length);
  });

  test('are asked for in batches of 500, each with its canary', async () => {
    const crowd = Array.from({ length: 501 }, (_, n) => new TextEncoder().encode(String(n)));
    expect(new Set(await references.derive(crowd, '1')).size).toBe(501);
    expect(asked.map(({ blinded }) => blinded.length)).toEqual([501, 2]);
  });

  test('are none where the directory publishes no epoch, or not this one', async () => {
    expect(await codeOf(references.derive(inputs, '2'))).toBe('not_ready');
    published = undefined;
    expect(await codeOf(references.derive(inputs, '1'))).toBe('not_ready');
    await expect(references.inEachEpoch(async (epoch) => epoch)).rejects.toThrow('not_ready');
    expect(asked).toEqual([]);
  });

  test('are refused where the authority answers for another epoch, or with fewer elements', async () => {
    answer = ({ evaluated }) => ({ epoch: '2', evaluated });
    expect(await codeOf(references.derive(inputs, '1'))).toBe('unavailable');
    answer = ({ epoch, evaluated }) => ({ epoch, evaluated: evaluated.slice(1) });
    expect(await codeOf(references.derive(inputs, '1'))).toBe('unavailable');
    answer = ({ epoch, evaluated }) => ({ epoch, evaluated: evaluated.map(() => 'A'.repeat(43)) });
    expect(await codeOf(references.derive(inputs, '1'))).toBe('unavailable');
  });
});

describe('an epoch that ends while references are derived', () => {
  const ended = (epoch: string) => {
    if (epoch === '1') throw new CausewayError('bad_request');
  };

  test('is left out: the directory is fetched, and the others are derived again', async () => {
    published = { current: '2', epochs: [epochOf('1'), epochOf('2')] };
    answer = (each) => {
      ended(each.epoch);
      return each;
    };
    refresh = async () => {
      published = { current: '2', epochs: [epochOf('2')] };
    };
    const refs = await references.inEachEpoch((epoch) => references.derive(inputs, epoch));
    expect(refs).toEqual([inputs.map((input) => direct(input, '2'))]);
  });

  test('is not_ready where the directory still has it, and no fault of whoever asks', async () => {
    answer = ({ epoch }) => {
      ended(epoch);
      return {};
    };
    const derived = references.inEachEpoch((epoch) => references.derive(inputs, epoch));
    expect(await codeOf(derived)).toBe('not_ready');
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(asked).toHaveLength(1);
  });
});

describe('an authority that evaluates under another key than it says', () => {
  test('is found out at the first batch: an alarm, no reference, and no further question', async () => {
    under = { '1': generateBlindKey() };
    expect(await codeOf(references.derive(inputs, '1'))).toBe('unavailable');
    expect(lines()).toMatch(/"event":"canary_mismatch".*"alarm":true/u);
    under = keys;
    expect(await codeOf(references.derive(inputs, '1'))).toBe('unavailable');
    expect(asked).toHaveLength(1);
  });

  test('is asked again when the directory says something else of the epoch', async () => {
    published = { current: '1', epochs: [{ epoch: '1', canary: 'A'.repeat(43) }] };
    expect(await codeOf(references.derive(inputs, '1'))).toBe('unavailable');
    published = { current: '1', epochs: [epochOf('1')] };
    expect(await references.derive(inputs, '1')).toHaveLength(3);
  });

  test('in one epoch does not stop the other', async () => {
    published = { current: '1', epochs: [epochOf('1'), epochOf('2')] };
    under = { ...keys, '2': generateBlindKey() };
    expect(await codeOf(references.derive(inputs, '2'))).toBe('unavailable');
    expect(await references.derive(inputs, '1')).toHaveLength(3);
  });
});
