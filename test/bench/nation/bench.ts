import { BureauStore } from '../bureau-store.ts';
import { machine } from '../machine.ts';
import { LINE_BYTES, NATION, type Subjects, subjectsFor } from '../publish/accounts-input.ts';
import { type Published, Publisher } from '../publish/publisher.ts';
import { rounded } from '../statistics.ts';

export interface NationBenchOptions {
  readonly quick: boolean;
  readonly tell: (line: string) => void;
}

/** A thousandth of the nation in one bureau; with --quick a hundred-thousandth, and `scale` says so. */
export interface NationBenchResult {
  readonly scale: string;
  readonly subjects: number;
  readonly accounts: number;
  readonly file_mb: number;
  /** Seconds of publishing all of it: receiving, and validating, mapping and loading. */
  readonly seconds: number;
  readonly load_seconds: number;
  readonly accounts_per_s: number;
  /** The rate of the last file over that of the first: what a full store costs. */
  readonly last_over_first: number;
  readonly bytes_per_account: { readonly all: number; readonly rows: number; readonly indexes: number };
  readonly rss_mb: number;
  readonly machine: string;
}

const FILES = 10;
const QUICK_PART = 100;
const WARM_LINES = 20_000;

/** Generates the accounts of a thousandth of the nation and publishes them, file after file. */
export async function nationBench({ quick, tell }: NationBenchOptions): Promise<NationBenchResult> {
  const part = quick ? QUICK_PART : 1;
  const subjects = Math.round((NATION.persons + NATION.enterprises) / part);
  const store = await BureauStore.start();
  const publisher = new Publisher(store);
  try {
    await publisher.publish(subjectsFor(WARM_LINES));
    await store.empty();
    tell(`${subjects} subjects, about ${Math.round((NATION.accounts / part) * LINE_BYTES * 1e-6)} MB`);
    const files: Published[] = [];
    for (const file of inFiles(subjects)) {
      const done = await publisher.publish(file);
      files.push(done);
      tell(`file ${files.length} of ${FILES}: ${rateOf(done).toFixed(0)} accounts/s`);
    }
    return { ...summary(files, subjects, part), ...(await sizes(store, files)), machine: machine() };
  } finally {
    await publisher.stop();
    await store.stop();
  }
}

function inFiles(subjects: number): Subjects[] {
  const at = (n: number): number => Math.floor((subjects * n) / FILES);
  return Array.from({ length: FILES }, (_, n) => ({ from: at(n), to: at(n + 1) }));
}

const rateOf = ({ load_s, rows }: Published): number => rows / load_s;
const sum = (files: readonly Published[], of: (file: Published) => number): number =>
  files.reduce((total, file) => total + of(file), 0);

function summary(files: readonly Published[], subjects: number, part: number) {
  const accounts = sum(files, ({ rows }) => rows);
  const load = sum(files, ({ load_s }) => load_s);
  const [first, last] = [files[0], files.at(-1)];
  return {
    scale: `1:${1000 * part}`,
    ...{ subjects, accounts, file_mb: rounded(sum(files, ({ bytes }) => bytes) / 1e6, 0) },
    seconds: rounded(load + sum(files, ({ receive_s }) => receive_s), 1),
    ...{ load_seconds: rounded(load, 1), accounts_per_s: rounded(accounts / load, 0) },
    last_over_first: first && last ? rounded(rateOf(last) / rateOf(first), 3) : Number.NaN,
    rss_mb: rounded(Math.max(...files.map(({ rss_mb }) => rss_mb)), 0),
  };
}

/** What the records and subjects take on the disk, without the write-ahead log. */
async function sizes(store: BureauStore, files: readonly Published[]) {
  const { rows, indexes } = await store.one<{ rows: string; indexes: string }>(
    `SELECT sum(pg_table_size(relid)) AS rows, sum(pg_indexes_size(relid)) AS indexes
     FROM (SELECT relid FROM pg_partition_tree('record')
       UNION ALL SELECT relid FROM pg_partition_tree('subject')) AS parts`,
  );
  const accounts = sum(files, (file) => file.rows);
  const each = (bytes: number): number => rounded(bytes / accounts, 0);
  return {
    bytes_per_account: {
      all: each(Number(rows) + Number(indexes)),
      rows: each(Number(rows)),
      indexes: each(Number(indexes)),
    },
  };
}
