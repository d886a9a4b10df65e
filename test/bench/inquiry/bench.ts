import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Federation } from '@causeway/sandbox/federation';
import { freePortBase } from '@causeway/sandbox/test-federation';
import { startRedis, type Redis } from '@causeway/sandbox/redis';
import { Sequence } from '@causeway/sandbox/people/sequence';
import { CpuMeter } from '../cpu.ts';
import { machine } from '../machine.ts';
import { median, percentile, rounded, zipfRanks } from '../statistics.ts';
import { Direct } from './direct.ts';
import { Ours } from './ours.ts';
import { type Pair, runAtRate, runPair } from './pairs.ts';
import { prepareScene } from './scene.ts';

export interface InquiryBenchOptions {
  readonly backend: 'postgres' | 'redis';
  readonly quick: boolean;
  /** Questions per second of the latency run. */
  readonly rate: number;
  readonly tell: (line: string) => void;
}

/** What was found: rates per second, times in milliseconds; what concerns pairs is the median over them. */
export interface InquiryBenchResult {
  readonly ratio: number;
  readonly cpu_ratio: number;
  readonly per_s: number;
  readonly direct_per_s: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  readonly rate: number;
  readonly backend: string;
  readonly cpu_ms_per_inquiry: Record<string, number>;
  readonly direct_cpu_ms_per_inquiry: Record<string, number>;
  readonly pairs: readonly { ratio: number; cpu_ratio: number }[];
  readonly machine: string;
}

const IN_FLIGHT = 64;
const SIZES = {
  quick: { persons: 120, pairs: 5, ours: 400, direct: 800, warm: 400, seconds: 5 },
  full: { persons: 1000, pairs: 7, ours: 2000, direct: 4000, warm: 1500, seconds: 20 },
};

/** Ours against direct unsigned fan-out to the same stores, in alternating pairs, on one machine. */
export async function inquiryBench(options: InquiryBenchOptions): Promise<InquiryBenchResult> {
  const { backend, quick, tell } = options;
  const home = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  const redis =
    backend === 'redis' ? await startRedis({ dir: join(home, 'redis'), programs: home }) : undefined;
  const federation = await Federation.start({
    ...{ home, portBase: await freePortBase(), fsync: true, onProgress: tell },
    ...(redis === undefined ? {} : { redisUrl: redis.url }),
  });
  try {
    return await measure(federation, redis, options, SIZES[quick ? 'quick' : 'full']);
  } finally {
    await federation.stop({ remove: true });
    await redis?.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function measure(
  federation: Federation,
  redis: Redis | undefined,
  { backend, rate, tell }: InquiryBenchOptions,
  size: (typeof SIZES)['quick'],
): Promise<InquiryBenchResult> {
  const scene = await prepareScene(federation, size.persons, tell);
  const ours = new Ours(federation, scene, IN_FLIGHT);
  const direct = await Direct.start(federation, scene, IN_FLIGHT);
  const sequence = new Sequence(1);
  const rank = zipfRanks(size.persons, () => sequence.next());
  const bench = {
    ours,
    direct,
    cpu: new CpuMeter(roots(federation, redis, direct)),
    rank,
    inFlight: IN_FLIGHT,
  };
  try {
    tell('warming up');
    await runPair(bench, { ours: size.warm, direct: size.warm });
    const pairs: Pair[] = [];
    for (let n = 1; n <= size.pairs; n += 1) {
      const pair = await runPair(bench, size);
      pairs.push(pair);
      tell(`pair ${n}: ${pair.ours.perSecond.toFixed(0)}/s against ${pair.direct.perSecond.toFixed(0)}/s`);
    }
    tell(`latency at ${rate}/s`);
    const { latenciesMs } = await runAtRate(bench, rate, size.seconds);
    return { ...summary(pairs), ...latencies(latenciesMs), rate, backend, machine: machine() };
  } finally {
    await ours.close();
    await direct.stop();
  }
}

function roots(federation: Federation, redis: Redis | undefined, direct: Direct): Map<string, number> {
  const services = [...federation.processes].map(([name, { pid }]) => [name, pid ?? 0] as const);
  return new Map([
    ...services,
    ['postgres', federation.postgres.pid],
    ...(redis === undefined ? [] : [['redis', redis.pid] as const]),
    ...direct.processes,
    ['client', process.pid],
  ]);
}

function summary(pairs: readonly Pair[]) {
  const middle = (of: (pair: Pair) => number): number => median(pairs.map(of));
  const names = [...(pairs[0]?.ours.cpuMs.keys() ?? [])];
  const perProcess = (which: 'ours' | 'direct'): Record<string, number> =>
    Object.fromEntries(
      names
        .filter((name) => name.startsWith('direct ') === (which === 'direct') || shared.has(name))
        .map((name) => [
          name,
          rounded(
            middle((pair) => own(pair[which].cpuMs, name)),
            3,
          ),
        ]),
    );
  const ratios = pairs.map(({ direct, ours }) => ({
    ratio: rounded(ours.perSecond / direct.perSecond, 3),
    cpu_ratio: rounded(total(direct.cpuMs, 'direct') / total(ours.cpuMs, 'ours'), 3),
  }));
  return {
    ratio: rounded(median(ratios.map(({ ratio }) => ratio)), 3),
    cpu_ratio: rounded(median(ratios.map(({ cpu_ratio }) => cpu_ratio)), 3),
    per_s: rounded(
      middle(({ ours }) => ours.perSecond),
      1,
    ),
    direct_per_s: rounded(
      middle(({ direct }) => direct.perSecond),
      1,
    ),
    cpu_ms_per_inquiry: perProcess('ours'),
    direct_cpu_ms_per_inquiry: perProcess('direct'),
    pairs: ratios,
  };
}

/** Processes that serve both sides. The client runs in this process, under which everything else is. */
const shared = new Set(['postgres', 'client']);

function total(cpuMs: ReadonlyMap<string, number>, side: 'ours' | 'direct'): number {
  const counted = [...cpuMs.keys()].filter(
    (name) => shared.has(name) || name.startsWith('direct ') === (side === 'direct'),
  );
  return counted.reduce((sum, name) => sum + own(cpuMs, name), 0);
}

const own = (cpuMs: ReadonlyMap<string, number>, name: string): number => cpuMs.get(name) ?? 0;

function latencies(ms: readonly number[]) {
  const at = (share: number): number => rounded(percentile(ms, share), 1);
  return { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) };
}
