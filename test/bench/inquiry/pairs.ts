import type { CpuMeter } from '../cpu.ts';
import type { Direct } from './direct.ts';
import { closedLoop, type Measured, openLoop } from './loops.ts';
import type { Ours } from './ours.ts';

/** One side of a pair: its rate, and what each question cost every process. */
interface Side {
  readonly perSecond: number;
  readonly cpuMs: ReadonlyMap<string, number>;
}

export interface Pair {
  readonly ours: Side;
  readonly direct: Side;
}

interface Bench {
  readonly ours: Ours;
  readonly direct: Direct;
  readonly cpu: CpuMeter;
  readonly rank: () => number;
  readonly inFlight: number;
}

/** Runs one pair: the same subjects' distribution through the exchange, then directly. */
export async function runPair(bench: Bench, counts: { ours: number; direct: number }): Promise<Pair> {
  const { cpu, direct, inFlight, ours, rank } = bench;
  await ours.prepare(counts.ours, rank);
  cpu.read();
  const through = await closedLoop(counts.ours, inFlight, ours.ask);
  const oursSide = side(through, cpu);
  direct.prepare(counts.direct, rank);
  cpu.read();
  return { ours: oursSide, direct: side(await closedLoop(counts.direct, inFlight, direct.ask), cpu) };
}

/** Latencies through the exchange at a fixed rate. */
export async function runAtRate(bench: Bench, perSecond: number, seconds: number): Promise<Measured> {
  const total = Math.round(perSecond * seconds);
  await bench.ours.prepare(total, bench.rank);
  return await openLoop(total, perSecond, bench.ours.ask);
}

function side({ done, seconds }: Measured, cpu: CpuMeter): Side {
  const spent = [...cpu.read()].map(([name, ms]) => [name, ms / done] as const);
  return { perSecond: done / seconds, cpuMs: new Map(spent) };
}
