import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { FaultPoint } from '@causeway/kernel';
import { signalPid, suspended } from '../pids.ts';
import type { Act, Beginning, Report, Strike, Time, Wish } from './agent-messages.ts';

const CONTINUE_MS = 100;
const SUSPENDED_MS_MAX = 1000;
const AGENT = new URL('agent.ts', import.meta.url);

/** A strike as a test arms it; without more it is the next arrival, once. */
export interface Blow {
  readonly act: Act;
  /** Arrivals that pass first. */
  readonly skip?: number;
  readonly times?: number;
}

/** An armed strike. */
export interface Armed {
  /** Arrivals that were struck so far. */
  readonly hits: number;
  /** Resolves at the first: the process has gone (`kill`), is suspended (`stop`), or waits there (`hold`). */
  readonly hit: Promise<void>;
  /** Lets what was suspended or held go on. */
  readonly goOn: () => Promise<void>;
  /** Strikes no more; what is suspended or held goes on. */
  readonly disarm: () => Promise<void>;
}

interface Standing {
  readonly strike: Strike;
  hits: number;
  readonly first: PromiseWithResolvers<void>;
}

/**
 * The sandbox's side of the agent in one service process, over every life of that process: a strike that has
 * not happened when the process ends is armed again, with its whole `skip`, at the next start.
 */
export class ProcessFaults {
  readonly #standing = new Map<number, Standing>();
  readonly #orders = new Map<number, () => void>();
  #child: ChildProcess | undefined;
  #next = 1;
  #time: Time = { shift: 0, passed: 0 };

  /** What Node is started with, so that the agent is there before the service. */
  get nodeArguments(): string[] {
    const strikes = [...this.#standing.values()].map(({ strike }) => strike);
    // What has passed in one life passes with it, whether or not its end has been heard of.
    const beginning: Beginning = { time: { ...this.#time, passed: 0 }, strikes };
    const url = new URL(AGENT);
    url.searchParams.set('sandbox', String(process.pid));
    url.searchParams.set('beginning', JSON.stringify(beginning));
    return ['--import', url.href];
  }

  /** Listens to the agent of a process that was just started with `nodeArguments`. */
  attach(child: ChildProcess): void {
    this.#child = child;
    this.#time = { ...this.#time, passed: 0 };
    child.on('message', (report: Report) => this.#hear(child, report));
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
      for (const done of this.#orders.values()) done();
    });
  }

  /** Armed when this resolves: in the running process, or else in the next one from its first line on. */
  async arm(point: FaultPoint, { act, skip = 0, times = 1 }: Blow): Promise<Armed> {
    const strike: Strike = { id: this.#number(), point, act, skip, times };
    const standing: Standing = { strike, hits: 0, first: Promise.withResolvers() };
    this.#standing.set(strike.id, standing);
    await this.#order({ arm: strike });
    return {
      get hits() {
        return standing.hits;
      },
      hit: standing.first.promise,
      goOn: () => this.#continued(strike, { goOn: strike.id }),
      disarm: async () => {
        this.#standing.delete(strike.id);
        await this.#continued(strike, { disarm: strike.id });
      },
    };
  }

  /**
   * Puts the process's wall clock so far ahead of where it would be, or behind; in later lives too. What
   * measures durations does not notice.
   */
  async shiftClock(ms: number): Promise<void> {
    await this.#tell({ ...this.#time, shift: ms });
  }

  /** Lets so much time pass at once in this life of the process, by the wall clock and the monotonic one. */
  async passTime(ms: number): Promise<void> {
    await this.#tell({ ...this.#time, passed: this.#time.passed + ms });
  }

  async #tell(time: Time): Promise<void> {
    this.#time = time;
    await this.#order({ time });
  }

  /**
   * Orders what lets the process go on. It may be about to suspend itself when it is continued, so it is
   * continued until it answers.
   */
  async #continued({ act }: Strike, wish: Wish): Promise<void> {
    const goOn = (): void => {
      const pid = this.#child?.pid;
      if (act === 'stop' && pid !== undefined) signalPid(pid, 'SIGCONT');
    };
    goOn();
    const again = setInterval(goOn, CONTINUE_MS);
    await this.#order(wish).finally(() => clearInterval(again));
  }

  /** Resolves when the agent has obeyed, or at once where no process runs. */
  async #order(wish: Wish): Promise<void> {
    const child = this.#child;
    if (child?.connected !== true) return;
    const order = this.#number();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#orders.set(order, resolve);
    child.send({ order, ...wish }, (error) => {
      if (error) resolve();
    });
    await promise;
    this.#orders.delete(order);
  }

  #hear(child: ChildProcess, report: Report): void {
    if ('done' in report) {
      this.#orders.get(report.done)?.();
      return;
    }
    const standing = this.#standing.get(report.struck);
    if (standing === undefined) return;
    standing.hits += 1;
    const { act, times } = standing.strike;
    if (standing.hits === times) this.#standing.delete(report.struck);
    void struck(child, act).then(standing.first.resolve);
  }

  #number(): number {
    this.#next += 1;
    return this.#next;
  }
}

/** Until the process has gone or is suspended, where that is what was to happen to it. */
async function struck(child: ChildProcess, act: Act): Promise<void> {
  if (act === 'stop' && child.pid !== undefined) await suspended(child.pid, SUSPENDED_MS_MAX);
  if (act === 'kill' && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
