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

export interface AppendSizes {
  readonly small: number;
  readonly large: number;
  /** Leaves that the large tree grows by between the fresh pairs and the others. */
  readonly settle: number;
  /** Batches of one sample. */
  readonly batches: number;
  /** Pairs of samples, one of each tree in turns; a quarter as many of the fresh ones. */
  readonly samples: number;
}

/** Milliseconds of a batch from being staged to being under a signed checkpoint: of both trees, in turns. */
interface Pair {
  readonly small: number;
  readonly large: number;
}

/** What a busy node places at a time: five rounds a second, at a hundred inquiries of a leaf or two. */
const BATCH_LEAVES = 40;
const GROWTH_LEAVES = 1000;
const FILL_ROWS = 500_000;
/** The large tree's index on digests, 400 MB, fits: whoever runs such a node gives its database that much. */
const BUFFER_MB = 1024;

/**
 * The same appends to a small and to a large tree, in turns; medians over the pairs. `fresh` is right after
 * the tree was made, when nearly every leaf writes a page of the index to the log as a whole, as after each
 * checkpoint of the database; the others are as between two checkpoints that lie half an hour apart.
 */
export async function measureAppends(sizes: AppendSizes, tell: (line: string) => void) {
  const trees = [await Tree.of(sizes.small, tell), await Tree.of(sizes.large, tell)] as const;
  try {
    for (const tree of trees) await tree.appendAll(sizes.batches);
    const fresh = await pairsOf(trees, { ...sizes, samples: Math.ceil(sizes.samples / 4) });
    await trees[1].grow(sizes.settle);
    for (const tree of trees) await tree.tidy();
    const settled = await pairsOf(trees, sizes);
    tell(`appends: ${settled.map(({ large, small }) => (large / small).toFixed(2)).join(' ')}`);
    return {
      ...{ ratio: ratioOf(settled), fresh_ratio: ratioOf(fresh), buffer_mb: BUFFER_MB },
      small_ms: median(settled.map(({ small }) => small)),
      large_ms: median(settled.map(({ large }) => large)),
    };
  } finally {
    for (const tree of trees) await tree.stop();
  }
}

/** By pairs: what else the machine did then, it did to both. */
const ratioOf = (pairs: readonly Pair[]): number => median(pairs.map(({ large, small }) => large / small));

async function pairsOf(
  [small, large]: readonly [Tree, Tree],
  { batches, samples }: Pick<AppendSizes, 'batches' | 'samples'>,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let n = 0; n < samples; n += 1) {
    // In turns which comes first: what one leaves to be written out, the other would pay.
    const first = n % 2 === 0 ? small : large;
    const second = n % 2 === 0 ? large : small;
    const [a, b] = [await first.appendAll(batches), await second.appendAll(batches)];
    pairs.push(n % 2 === 0 ? { small: a, large: b } : { small: b, large: a });
  }
  return pairs;
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
    const tree = new Tree(await BureauStore.start(BUFFER_MB));
    await tree.#fillAll(leaves);
    tell(`${leaves} leaves`);
    await tree.#integrate();
    tell('and a tree over them');
    await tree.#store.owner.query('VACUUM ANALYZE leaf');
    await tree.#store.checkpoint();
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

  async grow(leaves: number): Promise<void> {
    for (let done = 0; done < leaves; done += GROWTH_LEAVES) await this.#append(GROWTH_LEAVES);
  }

  /** As autovacuum does every minute: what was placed has left dead rows where leaves wait, in both alike. */
  async tidy(): Promise<void> {
    await this.#store.owner.query('VACUUM leaf_staging');
  }

  /** Milliseconds that a batch takes: the median of so many. */
  async appendAll(batches: number): Promise<number> {
    const took: number[] = [];
    for (let n = 0; n < batches; n += 1) {
      const startedAt = performance.now();
      await this.#append(BATCH_LEAVES);
      took.push(performance.now() - startedAt);
    }
    return median(took);
  }

  async #append(leaves: number): Promise<void> {
    const { pool } = this.#database;
    await withHotReceipts(pool, async (_trx, stage) => {
      await Promise.resolve();
      for (let n = 0; n < leaves; n += 1) stage('bench', opening());
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
