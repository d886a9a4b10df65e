import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks per second of /proc (USER_HZ), which is 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** Own ticks, and those of children that have ended and were waited for. */
  readonly ticks: number;
}

/**
 * CPU milliseconds by name since the previous call of `read`: of processes and everything below them, down to
 * the processes that have a name of their own.
 */
export class CpuMeter {
  readonly #roots: ReadonlyMap<string, number>;
  #before: ReadonlyMap<string, number>;

  /** `roots`: the process by name. */
  constructor(roots: ReadonlyMap<string, number>) {
    this.#roots = roots;
    this.#before = this.#now();
  }

  read(): Map<string, number> {
    const now = this.#now();
    const spent = [...now].map(([name, ms]) => [name, ms - (this.#before.get(name) ?? 0)] as const);
    this.#before = now;
    return new Map(spent);
  }

  #now(): Map<string, number> {
    const stats = allStats();
    const named = new Set(this.#roots.values());
    const ms = (pid: number): number => ticksBelow(stats, pid, named) * (1000 / TICKS_PER_S);
    return new Map([...this.#roots].map(([name, pid]) => [name, ms(pid)]));
  }
}

function ticksBelow(stats: ReadonlyMap<number, Stat>, root: number, named: ReadonlySet<number>): number {
  let ticks = stats.get(root)?.ticks ?? 0;
  for (const { parent, pid } of stats.values()) {
    if (parent === root && !named.has(pid)) ticks += ticksBelow(stats, pid, named);
  }
  return ticks;
}

function allStats(): Map<number, Stat> {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return new Map(pids.flatMap((pid) => statOf(pid) ?? []).map((stat) => [stat.pid, stat]));
}

/** Field numbers as in proc_pid_stat(5), counted behind the name, which may hold spaces. */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const field = (n: number): number => Number(fields[n - 3]);
    return { pid, parent: field(4), ticks: field(14) + field(15) + field(16) + field(17) };
  } catch {
    return undefined;
  }
}
