import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ProcessFaults } from './faults/process-faults.ts';
import { commandLine, goneWithin, isRunning, signalPid } from './pids.ts';

/** A program of the federation that runs as a process of its own. */
export interface ServiceProgram {
  /** Name of the process, of its log and of its pid file. */
  name: string;
  /** The file to run with Node. */
  main: string;
  /** For Node itself, before the file. */
  nodeArguments?: readonly string[];
  env: Record<string, string>;
}

const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 15_000;

/**
 * One running process of the federation. Its standard output is its log file's first lines: a service says
 * that it listens with one JSON line, and that line is what `start` waits for.
 */
export class ServiceProcess {
  readonly program: ServiceProgram;
  readonly #home: string;
  readonly #faults: ProcessFaults | undefined;
  #child: ChildProcess | undefined;

  /** With `agent` the sandbox's agent runs in the process: `faults` strikes and shifts the clock there. */
  constructor(home: string, program: ServiceProgram, { agent = false } = {}) {
    this.#home = home;
    this.program = program;
    this.#faults = agent ? new ProcessFaults() : undefined;
  }

  /** @throws RangeError where the process was started without the sandbox's agent */
  get faults(): ProcessFaults {
    if (!this.#faults) throw new RangeError(`${this.program.name} runs without the sandbox's agent`);
    return this.#faults;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get logFile(): string {
    return join(this.#home, 'logs', `${this.program.name}.log`);
  }

  /** @throws Error in one sentence, with the log's last words, where it ended or did not get ready */
  async start(): Promise<void> {
    await stopLeftover(this.#pidFile, this.program.main);
    mkdirSync(dirname(this.logFile), { recursive: true });
    mkdirSync(dirname(this.#pidFile), { recursive: true });
    const log = openSync(this.logFile, 'a');
    const { main, env, nodeArguments = [] } = this.program;
    const faults = this.#faults;
    const child = spawn(process.execPath, [...nodeArguments, ...(faults?.nodeArguments ?? []), main], {
      env: { ...inherited(), ...env },
      stdio: ['ignore', 'pipe', log, ...(faults ? ['ipc' as const] : [])],
      detached: false,
    });
    closeSync(log);
    this.#child = child;
    faults?.attach(child);
    if (child.pid !== undefined) writeFileSync(this.#pidFile, String(child.pid));
    await this.#ready(child);
  }

  async #ready(child: ChildProcess): Promise<void> {
    const listening = new Promise<'listening'>((resolve) => {
      let head = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        if (head === 'seen') return;
        head += text;
        if (!head.includes('"listening"')) return;
        head = 'seen';
        resolve('listening');
      });
    });
    const patience = new AbortController();
    const outcome = await Promise.race([
      listening,
      once(child, 'exit').then(() => 'exited' as const),
      wait(READY_MS_MAX, 'late' as const, { signal: patience.signal }),
    ]);
    patience.abort();
    if (outcome === 'listening') return;
    await this.kill();
    throw new Error(`${this.program.name} did not start (${outcome}): ${this.#lastWords()}`);
  }

  /** Ends the process the way an operator would; kills it if it does not go. */
  async stop(): Promise<void> {
    const pid = this.#child?.pid;
    if (pid !== undefined && isRunning(pid)) {
      signalPid(pid, 'SIGTERM');
      // A suspended process would not hear it.
      signalPid(pid, 'SIGCONT');
      if (!(await goneWithin(pid, STOP_MS_MAX))) await this.kill();
    }
    rmSync(this.#pidFile, { force: true });
  }

  /** Ends the process the way a power cut would. */
  async kill(): Promise<void> {
    const pid = this.#child?.pid;
    if (pid === undefined || !isRunning(pid)) return;
    signalPid(pid, 'SIGKILL');
    await goneWithin(pid, STOP_MS_MAX);
  }

  get #pidFile(): string {
    return join(this.#home, 'pids', this.program.name);
  }

  #lastWords(): string {
    return lastWords(readFileSync(this.logFile, 'utf8')) ?? 'it logged nothing';
  }
}

/**
 * Why a service says that it cannot start, or the last line of its log in which something is said: behind
 * what a process dies of come the places where it was and the version of Node.
 */
export function lastWords(log: string): string | undefined {
  const lines = log.split('\n').map((line) => line.trimEnd());
  const place = /^(?:\s*|\s+at .*|\s+\S+: .*|[{}]|Node\.js v\S+)$/u;
  return (
    lines.findLast((line) => line.includes(' cannot start: ')) ?? lines.findLast((line) => !place.test(line))
  );
}

/** Stops what an interrupted run left under this pid file, if it is still the same program. */
async function stopLeftover(pidFile: string, main: string): Promise<void> {
  const pid = readPid(pidFile);
  if (pid === undefined || !isRunning(pid) || !commandLine(pid).includes(main)) return;
  signalPid(pid, 'SIGTERM');
  if (await goneWithin(pid, STOP_MS_MAX)) return;
  signalPid(pid, 'SIGKILL');
  await goneWithin(pid, STOP_MS_MAX);
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Services get their own settings and nothing else of this process's environment but what Node itself uses.
 */
export function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'NODE_COMPILE_CACHE', 'TMPDIR', 'TZ', 'LANG'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
