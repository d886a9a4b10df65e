import { Worker } from 'node:worker_threads';

import { CausewayError, isErrorCode } from '@causeway/protocol';
import type { BlindedBatch, ReferenceEpoch } from '@causeway/protocol/blind-batch';

import type { Log } from './log.ts';

/** What the thread is asked to do; all of it is plain data. */
export type CurveTask =
  | { readonly kind: 'blind'; readonly inputs: readonly Uint8Array[] }
  | {
      readonly kind: 'finish';
      readonly inputs: readonly Uint8Array[];
      readonly batch: Pick<BlindedBatch, 'canaryAt' | 'states'>;
      readonly evaluated: readonly Uint8Array[];
      readonly epoch: ReferenceEpoch;
    };

export type CurveAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly refusal: { readonly code: string; readonly internal: string } };

/**
 * The arithmetic of blind references, `blindBatch` and `finishBatch` of the protocol, in a thread of its own:
 * half a millisecond for each identifier, which no request of this process waits for.
 */
export interface CurveThread {
  blind(inputs: readonly Uint8Array[]): Promise<BlindedBatch>;
  /** Undefined where the canary is not what it must be. */
  finish(
    inputs: readonly Uint8Array[],
    batch: Pick<BlindedBatch, 'canaryAt' | 'states'>,
    evaluated: readonly Uint8Array[],
    epoch: ReferenceEpoch,
  ): Promise<string[] | undefined>;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Tasks that may wait at once; each holds a batch of identifiers in memory. */
const waitingMax = 64;

/**
 * Starts the thread at the first task, and again at the next one after it has died: what it was working on
 * then fails with `unavailable`, and so does every task while too many wait.
 */
export function createCurveThread(options: { log: Log; program?: URL }): CurveThread {
  const thread = new OneThread(options.log, options.program ?? new URL('./curve-worker.ts', import.meta.url));
  return {
    blind: async (inputs) => (await thread.ask({ kind: 'blind', inputs })) as BlindedBatch,
    finish: async (inputs, { canaryAt, states }, evaluated, epoch) => {
      const task: CurveTask = { kind: 'finish', inputs, batch: { canaryAt, states }, evaluated, epoch };
      return (await thread.ask(task)) as string[] | undefined;
    },
    close: async () => await thread.close(),
  };
}

class OneThread {
  readonly #log: Log;
  readonly #program: URL;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #closed = false;
  #next = 1;

  constructor(log: Log, program: URL) {
    this.#log = log;
    this.#program = program;
  }

  async ask(task: CurveTask): Promise<unknown> {
    if (this.#closed || this.#waiting.size >= waitingMax) throw unavailable('too many tasks wait');
    const id = this.#next;
    this.#next += 1;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, task });
    return await promise;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
    this.#failAll(unavailable('closed'));
  }

  #start(): Worker {
    // Nothing of this process's own: no settings, no preloaded modules.
    const worker = new Worker(this.#program, { env: {}, execArgv: ['--no-warnings'] });
    worker.unref();
    worker.on('message', (answer: CurveAnswer) => this.#settle(answer));
    worker.on('error', (err) => this.#log.error({ event: 'curve_thread_failed', err }));
    worker.on('exit', () => this.#ended(worker));
    return worker;
  }

  #ended(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    if (!this.#closed) this.#log.error({ event: 'curve_thread_ended', alarm: true });
    this.#failAll(unavailable('the thread ended'));
  }

  #settle(answer: CurveAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('value' in answer) return waiting?.resolve(answer.value);
    const { code, internal } = answer.refusal;
    waiting?.reject(new CausewayError(isErrorCode(code) ? code : 'internal', { internal }));
  }

  #failAll(error: Error): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all) reject(error);
  }
}

const unavailable = (internal: string): CausewayError =>
  new CausewayError('unavailable', { internal: `curve thread: ${internal}` });
