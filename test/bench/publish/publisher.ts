import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { join } from 'node:path';
import { bureauHeap } from '@causeway/sandbox/bureau-heap';
import type { BureauStore } from '../bureau-store.ts';
import { linesOf, type Subjects } from './accounts-input.ts';

const PROGRAM = join(import.meta.dirname, 'publisher-process.ts');

/** What publishing one file came to. Receiving seals and hashes it; loading validates, maps and stores. */
export interface Published {
  readonly rows: number;
  readonly bytes: number;
  readonly receive_s: number;
  readonly load_s: number;
  /** The most memory that the publishing process has had at any time so far. */
  readonly rss_mb: number;
}

/** The publishing process, asked for one file after another. */
export class Publisher {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #gone: Promise<unknown>;

  constructor(store: BureauStore) {
    const args = [...process.execArgv, ...bureauHeap, PROGRAM, store.url];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#gone = once(this.#child, 'exit');
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('the publisher has no output');
    this.#lines = createInterface({ input: stdout });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error where a line was refused or the process has ended */
  async publish(subjects: Subjects): Promise<Published> {
    const ended = this.#gone.then(() => undefined);
    const told = once(this.#lines, 'line').then(([line]) => String(line));
    this.#child.stdin?.write(`${JSON.stringify(subjects)}\n`);
    const line = await Promise.race([told, ended]);
    if (line === undefined) throw new Error('the publisher has ended');
    const published = JSON.parse(line) as Published & { rejected: number };
    if (published.rejected > 0 || published.rows !== linesOf(subjects)) {
      throw new Error(`of ${linesOf(subjects)} lines ${published.rows} were taken`);
    }
    return published;
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#gone;
  }
}
