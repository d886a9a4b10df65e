import { parentPort } from 'node:worker_threads';

import { systemRandom } from '@causeway/kernel/system';
import { CausewayError } from '@causeway/protocol';
import { blindBatch, finishBatch } from '@causeway/protocol/blind-batch';

import type { CurveAnswer, CurveTask } from './curve-thread.ts';

/** The program of the thread that `createCurveThread` starts: one task at a time, in their order. */
parentPort?.on('message', ({ id, task }: { id: number; task: CurveTask }) => {
  parentPort?.postMessage({ id, ...outcome(task) } satisfies CurveAnswer);
});

function outcome(task: CurveTask): { value: unknown } | { refusal: { code: string; internal: string } } {
  try {
    return { value: work(task) };
  } catch (error) {
    const known = error instanceof CausewayError ? error : new CausewayError('internal', { cause: error });
    return { refusal: { code: known.code, internal: known.internal ?? known.publicDetail } };
  }
}

function work(task: CurveTask): unknown {
  if (task.kind === 'blind') return blindBatch(task.inputs, systemRandom);
  return finishBatch(task.inputs, task.batch, task.evaluated, task.epoch);
}
