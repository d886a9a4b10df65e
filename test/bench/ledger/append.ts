import { createHash, randomBytes } from 'node:crypto';
import { noFaults, systemClock } from '@causeway/kernel';
import { noteSigner } from '@causeway/ledger';
import { withHotReceipts } from '@causeway/member';
import { createIntegrator, type Integrator } from '@causeway/member/ledger/integrator';
import { sequenceRound } from '@causeway/member/sequencer';
import type { Digest } from '@causeway/protocol';
import { createDatabase, type Database } from '@causeway/service';
import { quietLog } from '@causeway/service/shell.fixture';
import { BureauStore } from '../bureau-store.ts';
import { median } from '../statistics.ts';

/** Milliseconds that a batch of leaves took from being staged to being under a signed checkpoint. */
interface AppendTimes {
  readonly small_ms: number;
  readonly large_ms: number;
}

export interface AppendSizes {
  readonly small: number;
  readonly large: number;
  /** Batches of one sample. */
  readonly batches: number;
  readonly samples: number;
}

/** What a busy node places at a time: five rounds a second, at a hundred inquiries of a leaf or two. */
const BATCH_LEAVES = 40;
const FILL_ROWS = 500_000;

/** The same appends to a small and to a large tree, in turns; medians over the samples. */
export async function measureAppends(sizes: AppendSizes, tell: (line: string) => void) {
  const trees = [await Tree.of(sizes.small, tell), await Tree.of(sizes.large, tell)] as const;
  try {
    for (const tree of trees) await tree.appendAll(sizes.batches);
    const pairs: AppendTimes[] = [];
    for (let n = 1; n <= sizes.samples; n += 1) {
      const small_ms = await trees[0].appendAll(sizes.batches);
      const large_ms = await trees[1].appendAll(sizes.batches);
      pairs.push({ small_ms, large_ms });
      tell(`appends ${n}: ${small_ms.toFixed(2)} ms and ${large_ms.toFixed(2)} ms`);
    }
    return {
      small_ms: median(pairs.map(({ small_ms }) => small_ms)),
      large_ms: median(pairs.map(({ large_ms }) => large_ms)),
    };
  } finally {
    for (const tree of trees) await tree.stop();
  }
}

/** A ledger in a PostgreSQL of its own. */
class Tree {
  readonly #store: BureauStore;
  readonly #database: Database<unknown>;
  readonly #integrator: Integrator;

  private constructor(store: BureauStore) {
    this.#store = store;
    this.#database = createDatabase({ url: store.url, name: 'bench', log: quietLog });
    this.#integrator = createIntegrator({
      ...{ pool: this.#database.pool, clock: systemClock, faults: noFaults, maySign: () => true },
      signer: noteSigner('bench.invalid/ledger', 'note', randomBytes(32)),
    });
  }

  /** Leaves of random digests, put there by SQL and made a tree by the product. */
  static async of(leaves: number, tell: (line: string) => void): Promise<Tree> {
    const tree = new Tree(await BureauStore.start());
    await tree.#fillAll(leaves);
    tell(`${leaves} leaves`);
    await tree.#integrate();
    tell('and a tree over them');
    await tree.#store.owner.query('VACUUM ANALYZE leaf');
    return tree;
  }

  /** Without the index on digests, which random ones would make slow, until all are there. */
  async #fillAll(leaves: number): Promise<void> {
    const { owner } = this.#store;
    await owner.query('DROP INDEX leaf_one_per_digest');
    for (let from = 0; from < leaves; from += FILL_ROWS) {
      await this.#fill(from, Math.min(leaves, from + FILL_ROWS));
    }
    await owner.query(
      `SET maintenance_work_mem = '1GB';
      CREATE UNIQUE INDEX leaf_one_per_digest ON leaf (leaf_key(digest));
      RESET maintenance_work_mem`,
    );
  }

  async #fill(from: number, to: number): Promise<void> {
    await this.#store.owner.query(
      `WITH filled AS (
        INSERT INTO leaf (idx, digest, typ, inquiry, use, iss, aud, at_ms, outcome)
        SELECT n, ${digestOf('n::text')}, 'disclosure', ${digestOf('(-n)::text')},
          1, 'central', 'abc-bank', 1, 'complete'
        FROM generate_series($1::bigint, $2::bigint - 1) AS n
      ) UPDATE ledger_state SET size = $2`,
      [from, to],
    );
  }

  async #integrate(): Promise<void> {
    while ((await this.#integrator.integrate()) > 0);
  }

  /** Mean milliseconds of a batch. */
  async appendAll(batches: number): Promise<number> {
    const startedAt = performance.now();
    for (let n = 0; n < batches; n += 1) await this.#append();
    return (performance.now() - startedAt) / batches;
  }

  async #append(): Promise<void> {
    const { pool } = this.#database;
    await withHotReceipts(pool, async (_trx, stage) => {
      await Promise.resolve();
      for (let n = 0; n < BATCH_LEAVES; n += 1) stage('bench', opening());
    });
    await sequenceRound(pool);
    await this.#integrate();
  }

  async stop(): Promise<void> {
    await this.#database.close();
    await this.#store.stop();
  }
}

/** The digest of a text, in SQL. */
export const digestOf = (text: string): string =>
  `'sha-256:' || rtrim(translate(encode(sha256((${text})::bytea), 'base64'), '+/', '-_'), '=')`;

function opening() {
  return {
    ...{ typ: 'disclosure', digest: randomDigest(), inquiry: randomDigest(), use: 1 },
    ...{ iss: 'central', aud: 'abc-bank', at_ms: systemClock.now(), outcome: 'complete' },
  };
}

function randomDigest(): Digest {
  return `sha-256:${createHash('sha256').update(randomBytes(16)).digest('base64url')}`;
}
