import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { CausewayError, isErrorCode } from '@causeway/protocol/errors';
import { ConfigError } from '@causeway/service/config-error';
import type { Log } from '@causeway/service/log';
import type { Answer, Question } from './serve.ts';

export interface ChildOptions {
  /** For the log. */
  readonly name: string;
  /** The script that calls `serveParent`. */
  readonly script: string;
  /** Sent first, whenever the process starts: never a key, only where its own key file is. */
  readonly configure: unknown;
  readonly log: Log;
  readonly timeoutMs?: number;
}

/** A process of the authority's own that holds one key nobody else has. */
export interface Child {
  /** @throws CausewayError the child's own refusal, or `unavailable` where it does not answer in time */
  ask(question: unknown): Promise<unknown>;
  alive(): boolean;
  stop(): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

const TIMEOUT_MS_DEFAULT = 10_000;
/** From its first line to its readiness, also on a machine that is busy with other starts. */
const READY_MS_MAX = 45_000;
const PENDING_MAX = 256;

/** How long after its end a process is started again: a fault that stays is not a busy loop. */
const RESTART_MS = 500;

/**
 * Starts the process, and again whenever it ends before `stop`. Its environment says nothing but where
 * compiled modules are kept: what it may know arrives in `configure`.
 * @throws ConfigError where it cannot start at all
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = new ForkedChild(options);
  try {
    await child.start();
  } catch (error) {
    child.stop();
    const reason = error instanceof CausewayError ? error.publicDetail : 'it ended';
    throw new ConfigError(`the process ${options.name} cannot start: ${reason}`);
  }
  return child;
}

class ForkedChild implements Child {
  readonly #options: ChildOptions;
  readonly #waiting = new Map<number, Waiting>();
  #process: ChildProcess | undefined;
  #started: Promise<void> | undefined;
  #stopped = false;
  #next = 1;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#started ??= this.#fork();
    return this.#started;
  }

  async ask(question: unknown): Promise<unknown> {
    if (this.#stopped) throw this.#unavailable();
    await this.start();
    return this.#send(question);
  }

  alive(): boolean {
    return this.#process?.connected === true;
  }

  stop(): void {
    this.#stopped = true;
    if (this.#process?.connected) this.#process.disconnect();
  }

  async #fork(): Promise<void> {
    const { script, name, log } = this.#options;
    const forked = fork(script, [], {
      env: childEnvironment(),
      execArgv: ['--no-warnings'],
      // Standard output belongs to the service's own start line.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#process = forked;
    forked.on('message', (message: Answer) => this.#settle(message));
    forked.on('error', (err) => log.error({ event: 'child_error', name, err }));
    forked.on('exit', () => this.#ended(forked));
    log.info({ event: 'child_started', name, ...(forked.pid === undefined ? {} : { pid: forked.pid }) });
    try {
      await this.#send(this.#options.configure, READY_MS_MAX);
    } catch (error) {
      forked.kill();
      throw error;
    }
  }

  #send(ask: unknown, timeoutMs = this.#options.timeoutMs ?? TIMEOUT_MS_DEFAULT): Promise<unknown> {
    const forked = this.#process;
    if (!forked?.connected || this.#waiting.size >= PENDING_MAX) return Promise.reject(this.#unavailable());
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      const expire = () => this.#fail(id, this.#unavailable());
      const timer = setTimeout(expire, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      const question: Question = { id, ask };
      forked.send(question, (error) => {
        if (error) this.#fail(id, this.#unavailable());
      });
    });
  }

  #settle(message: Answer): void {
    if ('refusal' in message) {
      const { code, detail } = message.refusal;
      this.#fail(message.id, new CausewayError(isErrorCode(code) ? code : 'internal', { detail }));
      return;
    }
    const waiting = this.#take(message.id);
    waiting?.resolve(message.value);
  }

  #fail(id: number, error: Error): void {
    this.#take(id)?.reject(error);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting) clearTimeout(waiting.timer);
    return waiting;
  }

  #ended(forked: ChildProcess): void {
    if (this.#process !== forked) return;
    this.#process = undefined;
    this.#started = undefined;
    for (const id of [...this.#waiting.keys()]) this.#fail(id, this.#unavailable());
    if (this.#stopped) return;
    const { log, name } = this.#options;
    log.error({ event: 'child_ended', name, alarm: true });
    const again = () => {
      if (!this.#stopped)
        this.start().catch((err: unknown) => log.error({ event: 'child_failed', name, err }));
    };
    setTimeout(again, RESTART_MS).unref();
  }

  #unavailable(): CausewayError {
    return new CausewayError('unavailable', { internal: `${this.#options.name} does not answer` });
  }
}

function childEnvironment(): Record<string, string> {
  const cache = getCompileCacheDir();
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) };
}
