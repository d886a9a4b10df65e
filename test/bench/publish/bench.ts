import { join } from 'node:path';
import { bareCopy, prepareBareCopy } from '../../../services/bureau/src/store/test-bare-copy.ts';
import { BureauStore } from '../bureau-store.ts';
import { CpuMeter } from '../cpu.ts';
import { machine } from '../machine.ts';
import { median, rounded } from '../statistics.ts';
import { LINE_BYTES, subjectsFor } from './accounts-input.ts';
import { type Published, Publisher } from './publisher.ts';
import { referencesPerSecond } from './references.ts';

export interface PublishBenchOptions {
  readonly quick: boolean;
  /** Bytes of the file whose publishing shows how much memory it takes; undefined for the usual size. */
  readonly bytes: number | undefined;
  readonly tell: (line: string) => void;
}

/** Rates are rows per second, medians over the pairs; `rss_mb` is of the publishing process at its most. */
export interface PublishBenchResult {
  /** Validating, mapping and loading, against bare COPY of the same rows in the same run. */
  readonly ratio_to_copy: number;
  /** The same with receiving: hashing the file and sealing it into the spool. */
  readonly ratio_with_receiving: number;
  readonly cpu_ratio: number;
  readonly rss_mb: number;
  readonly rows: number;
  readonly rows_per_s: number;
  readonly copy_rows_per_s: number;
  readonly references_per_s: number;
  readonly cpu_us_per_row: { readonly publisher: number; readonly postgres: number; readonly copy: number };
  readonly memory: { readonly file_mb: number; readonly rss_mb: number; readonly rows_per_s: number };
  readonly pairs: readonly number[];
  readonly machine: string;
}

const PAIRS = 5;
const SIZES = {
  quick: { rows: 40_000, warm: 20_000, references: 1000, bytes: 32e6 },
  usual: { rows: 400_000, warm: 100_000, references: 10_000, bytes: 200e6 },
};

/** Publishing through a bureau's own code against bare COPY, in alternating pairs, on one machine. */
export async function publishBench(options: PublishBenchOptions): Promise<PublishBenchResult> {
  const store = await BureauStore.start();
  const publisher = new Publisher(store);
  try {
    return await measure(store, publisher, options);
  } finally {
    await publisher.stop();
    await store.stop();
  }
}

interface Pair {
  readonly ours: Published;
  readonly copySeconds: number;
  readonly cpuMs: { readonly publisher: number; readonly postgres: number; readonly copy: number };
}

async function measure(
  store: BureauStore,
  publisher: Publisher,
  { bytes, quick, tell }: PublishBenchOptions,
): Promise<PublishBenchResult> {
  const size = SIZES[quick ? 'quick' : 'usual'];
  const bench = new Pairs(store, publisher);
  tell('warming up');
  await publisher.publish(subjectsFor(size.warm));
  const pairs: Pair[] = [];
  for (let n = 1; n <= PAIRS; n += 1) {
    const pair = await bench.run(size.rows);
    pairs.push(pair);
    tell(`pair ${n}: ${ratio(pair).toFixed(3)} at ${(pair.ours.rows / pair.ours.load_s).toFixed(0)} rows/s`);
  }
  tell('references');
  const references_per_s = await referencesPerSecond(size.references);
  const memory = await memoryOf(store, bytes ?? size.bytes, tell);
  return { ...summary(pairs), references_per_s, rss_mb: memory.rss_mb, memory, machine: machine() };
}

class Pairs {
  readonly #store: BureauStore;
  readonly #publisher: Publisher;
  readonly #cpu: CpuMeter;
  readonly #file: string;
  #rows = 0;

  constructor(store: BureauStore, publisher: Publisher) {
    this.#store = store;
    this.#publisher = publisher;
    this.#file = join(store.home, 'rows.copy');
    const roots = { publisher: publisher.pid, postgres: store.pid, client: process.pid };
    this.#cpu = new CpuMeter(new Map(Object.entries(roots)));
  }

  async run(rows: number): Promise<Pair> {
    const { owner } = this.#store;
    await this.#store.empty();
    this.#cpu.read();
    const ours = await this.#publisher.publish(subjectsFor(rows));
    const spent = this.#cpu.read();
    if (this.#rows !== ours.rows) await prepareBareCopy(owner, this.#file);
    this.#rows = ours.rows;
    await owner.query('TRUNCATE bare_record');
    this.#cpu.read();
    const startedAt = performance.now();
    const copied = await bareCopy(owner, this.#file);
    const copySeconds = (performance.now() - startedAt) / 1000;
    if (copied !== ours.rows) throw new Error(`${copied} rows were copied, not ${ours.rows}`);
    const copy = this.#cpu.read();
    const of = (from: Map<string, number>, name: string): number => from.get(name) ?? 0;
    return {
      ours,
      copySeconds,
      cpuMs: {
        publisher: of(spent, 'publisher'),
        postgres: of(spent, 'postgres'),
        copy: of(copy, 'postgres') + of(copy, 'client'),
      },
    };
  }
}

const ratio = ({ copySeconds, ours }: Pair): number => copySeconds / ours.load_s;

function summary(pairs: readonly Pair[]) {
  const middle = (of: (pair: Pair) => number, digits: number): number =>
    rounded(median(pairs.map(of)), digits);
  const perRow = (name: keyof Pair['cpuMs']) =>
    middle(({ cpuMs, ours }) => (cpuMs[name] * 1000) / ours.rows, 1);
  return {
    ratio_to_copy: middle(ratio, 3),
    ratio_with_receiving: middle(({ copySeconds, ours }) => copySeconds / (ours.receive_s + ours.load_s), 3),
    cpu_ratio: middle(({ cpuMs }) => cpuMs.copy / (cpuMs.publisher + cpuMs.postgres), 3),
    rows: pairs[0]?.ours.rows ?? 0,
    rows_per_s: middle(({ ours }) => ours.rows / ours.load_s, 0),
    copy_rows_per_s: middle(({ copySeconds, ours }) => ours.rows / copySeconds, 0),
    cpu_us_per_row: {
      publisher: perRow('publisher'),
      postgres: perRow('postgres'),
      copy: perRow('copy'),
    },
    pairs: pairs.map((pair) => rounded(ratio(pair), 3)),
  };
}

/** One large file that streams by, published by a process that has published nothing before. */
async function memoryOf(store: BureauStore, bytes: number, tell: (line: string) => void) {
  await store.empty();
  tell(`memory: a file of ${(bytes / 1e6).toFixed(0)} MB`);
  const publisher = new Publisher(store);
  try {
    const done = await publisher.publish(subjectsFor(bytes / LINE_BYTES));
    return {
      file_mb: rounded(done.bytes / 1e6, 0),
      rss_mb: rounded(done.rss_mb, 0),
      rows_per_s: rounded(done.rows / done.load_s, 0),
    };
  } finally {
    await publisher.stop();
  }
}
