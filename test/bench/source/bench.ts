import { hash } from 'node:crypto';
import { totalmem } from 'node:os';
import { createDatabase, hotTransaction } from '@causeway/service';
import { quietLog } from '@causeway/service/shell.fixture';
import { Sequence } from '@causeway/sandbox/people/sequence';
import { readHosted } from '../../../services/bureau/src/sources/hosted/read.ts';
import { BureauStore } from '../bureau-store.ts';
import { machine } from '../machine.ts';
import { median, percentile, rounded } from '../statistics.ts';
import { systemClock } from '@causeway/kernel';
import { lifeRulesOf } from '@causeway/records/life/index';

const moment = () => ({ nowMs: systemClock.now(), rules: lifeRulesOf('CN') });

export interface SourceBenchOptions {
  readonly quick: boolean;
  readonly tell: (line: string) => void;
}

/** Milliseconds of reading all that is held on one random subject, as the answer to an inquiry does. */
export interface SourceBenchResult {
  /** p99 with the larger store over p99 with the smaller one: the median of the runs, both warm. */
  readonly p99_ratio: number;
  readonly p50_ratio: number;
  readonly accounts: { readonly small: number; readonly large: number };
  readonly warm: { readonly small: Times; readonly large: Times };
  /** The first reads after the server was started again; the operating system's cache is kept. */
  readonly cold: { readonly small: Times; readonly large: Times };
  readonly runs: readonly number[];
  readonly reads_per_run: number;
  /** What each server may keep in its own memory. */
  readonly buffer_mb: number;
  readonly machine: string;
}

interface Times {
  readonly p50_ms: number;
  readonly p99_ms: number;
}

const RUNS = 5;
/** A quarter of the machine's memory, as PostgreSQL's manual has it for a server of its own. */
const BUFFER_MB = Math.floor(totalmem() / 4 / 1_048_576);
/** As in a bureau of the nation: somewhat less than four for each subject. */
const ACCOUNTS_EACH = 4;
const SIZES = {
  quick: { small: 5_000, large: 200_000, reads: 1500 },
  full: { small: 50_000, large: 5_000_000, reads: 4000 },
};

/** Reads of random subjects from a small and a large store, each on a server of its own. */
export async function sourceBench({ quick, tell }: SourceBenchOptions): Promise<SourceBenchResult> {
  const size = SIZES[quick ? 'quick' : 'full'];
  const stores: BureauStore[] = [];
  try {
    for (const accounts of [size.small, size.large]) {
      const store = await BureauStore.start(BUFFER_MB);
      stores.push(store);
      tell(`filling a store with ${accounts} accounts`);
      await fill(store, accounts);
    }
    const [small, large] = stores;
    if (small === undefined || large === undefined) throw new Error('two stores are needed');
    return await compare({ small, large }, size, tell);
  } finally {
    for (const store of stores) await store.stop();
  }
}

interface Readers {
  readonly small: Reader;
  readonly large: Reader;
}

type Pair = Readonly<Record<keyof Readers, Times>>;

async function compare(
  stores: { small: BureauStore; large: BureauStore },
  size: (typeof SIZES)['quick'],
  tell: (line: string) => void,
): Promise<SourceBenchResult> {
  const readers: Readers = {
    small: new Reader(stores.small, size.small / ACCOUNTS_EACH),
    large: new Reader(stores.large, size.large / ACCOUNTS_EACH),
  };
  await readers.small.restart();
  await readers.large.restart();
  const cold = await byTurns(readers, size.reads);
  // What a store can keep in memory is there afterwards, as in a server that has been at work for a while.
  await stores.small.warm();
  await stores.large.warm();
  // A run that does not count.
  await byTurns(readers, size.reads);
  const pairs: Pair[] = [];
  for (let n = 1; n <= RUNS; n += 1) {
    const pair = await byTurns(readers, size.reads);
    tell(`run ${n}: p99 ${pair.small.p99_ms} ms and ${pair.large.p99_ms} ms`);
    pairs.push(pair);
  }
  await readers.small.close();
  await readers.large.close();
  return {
    ...summary(pairs),
    ...{ accounts: { small: size.small, large: size.large }, cold },
    reads_per_run: size.reads,
    buffer_mb: BUFFER_MB,
    machine: machine(),
  };
}

function summary(pairs: readonly Pair[]) {
  const runs = pairs.map(({ large, small }) => rounded(large.p99_ms / small.p99_ms, 3));
  const middle = (of: (pair: Pair) => number): number => rounded(median(pairs.map(of)), 3);
  const times = (which: keyof Readers): Times => ({
    p50_ms: middle((pair) => pair[which].p50_ms),
    p99_ms: middle((pair) => pair[which].p99_ms),
  });
  return {
    p99_ratio: median(runs),
    p50_ratio: middle(({ large, small }) => large.p50_ms / small.p50_ms),
    warm: { small: times('small'), large: times('large') },
    runs,
  };
}

/** One read of each store after the other, so that what else the machine does befalls both alike. */
async function byTurns({ large, small }: Readers, reads: number): Promise<Pair> {
  const ms = { small: [] as number[], large: [] as number[] };
  for (let n = 0; n < reads; n += 1) {
    ms.small.push(await small.read());
    ms.large.push(await large.read());
  }
  return { small: times(ms.small), large: times(ms.large) };
}

const times = (ms: readonly number[]): Times => ({
  p50_ms: rounded(percentile(ms, 0.5), 3),
  p99_ms: rounded(percentile(ms, 0.99), 3),
});

/** The reference of the n-th subject, in JavaScript and in SQL. */
const referenceOf = (n: number): string => `s1.1.${hash('sha256', String(n), 'base64url')}`;
const digestSql = `encode(sha256(subject::text::bytea), 'base64')`;
const referenceSql = `'s1.1.' || rtrim(translate(${digestSql}, '+/', '-_'), '=')`;

/** Rows as publishing leaves them, at once: how they came there is not what is measured. */
async function fill(store: BureauStore, accounts: number): Promise<void> {
  const { owner } = store;
  const subjects = accounts / ACCOUNTS_EACH;
  await owner.query(
    `INSERT INTO subject SELECT ${referenceSql}, 'person' FROM generate_series(1, ${subjects}) AS subject`,
  );
  await owner.query(
    `INSERT INTO record (subject_ref, record, source_record_id, as_of, body, opened_by, batch)
     SELECT ${referenceSql}, 'account', 'A' || subject || '-' || n, '2026-10-31',
       '{"record":"account","record_id":"account-A' || subject || '-' || n || '",${REST}', 'ACCOUNT_DETAIL', 1
     FROM generate_series(1, ${subjects}) AS subject, generate_series(1, ${ACCOUNTS_EACH}) AS n`,
  );
  await owner.query('VACUUM (ANALYZE) record, subject');
}

/** The rest of an account of usual size, about 700 bytes with its history. */
const REST = [
  `"category":"ACCOUNT_DETAIL","as_of":"2026-10-31","type":"term","currency":"CNY","status":"normal"`,
  `"lender_ref":"lender-7","opened":"2019-03-11","due":"2031-04-21","original":"40976053"`,
  `"balance":"20488026","scheduled_due":"682935","term_count":60,"repayment_frequency":"month"`,
  `"batch":"sha-256:${'A'.repeat(43)}","history":{"to":"2026-10","states":"${'N'.repeat(42)}"}}`,
].join(',');

class Reader {
  readonly #store: BureauStore;
  readonly #subjects: number;
  readonly #sequence = new Sequence(7);
  #database: ReturnType<typeof createDatabase>;

  constructor(store: BureauStore, subjects: number) {
    this.#store = store;
    this.#subjects = subjects;
    this.#database = this.#connect();
  }

  #connect() {
    return createDatabase({ url: this.#store.url, name: 'bench', max: 1, log: quietLog });
  }

  /** All that is held on a random subject; in milliseconds. */
  async read(): Promise<number> {
    const ref = referenceOf(this.#sequence.between(1, this.#subjects));
    const startedAt = performance.now();
    const found = await hotTransaction(this.#database.pool, (trx) => readHosted(trx, [ref], moment()));
    const ms = performance.now() - startedAt;
    const records = found.get(ref)?.records.length;
    if (records !== ACCOUNTS_EACH) throw new Error(`a subject has ${records} records`);
    return ms;
  }

  /** With the connection and its prepared statement there, and the pages not. */
  async restart(): Promise<void> {
    await this.#database.close();
    await this.#store.restart();
    this.#database = this.#connect();
    await hotTransaction(this.#database.pool, (trx) => readHosted(trx, ['nobody'], moment()));
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}
