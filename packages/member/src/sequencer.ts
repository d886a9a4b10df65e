import type { Clock, Faults } from '@causeway/kernel';
import { assert } from '@causeway/kernel';
import { placeLeaves } from '@causeway/ledger';
import type { LeafOpening, PlacedLeaf } from '@causeway/ledger';
import { every } from '@causeway/service';
import type { Log } from '@causeway/service';
import type pg from 'pg';

import type { Integrator } from './ledger/integrator.ts';
import { asSingleWriter } from './ledger/single-writer.ts';

export interface Sequencer {
  stop(): Promise<void>;
  /** Places what is staged now instead of at the next period. */
  kick(): void;
  /**
   * Places every leaf whose record is committed by now, also where another process is at it, and tells the
   * size of the tree behind them. Throws what the database throws, and RangeError where leaves come faster
   * than they can be placed.
   */
  placeStaged(): Promise<number>;
  /** Leaves in the tree, as committed. */
  treeSize(): Promise<number>;
  /** True while leaves are being placed, by this process or by another that holds the lock. */
  ready(): boolean;
}

interface Options {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly log: Log;
  readonly faults: Faults;
  /** Makes the tree over what is placed; without it leaves are placed only. */
  readonly integrator?: Integrator;
  readonly periodMs?: number;
}

const batchMax = 1000;
const silentMsMax = 10_000;

/**
 * Gives each staged leaf its dense index. One writer per database, by an advisory lock that a crash releases
 * with its connection; replicas take turns. Every round is one transaction.
 */
export function startSequencer(options: Options): Sequencer {
  const { pool, clock, faults, log } = options;
  let lastRoundAt = clock.monotonic();
  const timer = every(
    'sequencer',
    options.periodMs ?? 200,
    async (signal) => {
      let placed = batchMax;
      let grown = false;
      while (placed === batchMax && !signal.aborted) {
        placed = await sequenceRound(pool);
        if (placed > 0) await faults.at('leaves-placed');
        grown ||= placed > 0;
        lastRoundAt = clock.monotonic();
      }
      await integrateAll(options.integrator, grown, signal);
    },
    { log },
  );
  return {
    stop: async () => await timer.stop(),
    kick: () => timer.kick(),
    placeStaged: async () => await placeStagedNow(pool),
    treeSize: async () => await treeSize(pool),
    ready: () => clock.monotonic() - lastRoundAt < silentMsMax,
  };
}

/** Behind the placing, and apart from it: leaves are placed also where no tree can be made. */
async function integrateAll(
  integrator: Integrator | undefined,
  grown: boolean,
  signal: AbortSignal,
): Promise<void> {
  let integrated = (await integrator?.integrate(grown)) ?? 0;
  while (integrated > 0 && !signal.aborted) integrated = (await integrator?.integrate()) ?? 0;
}

/** One round; returns how many staged rows it consumed. 0 also where another process holds the lock. */
export async function sequenceRound(pool: pg.Pool): Promise<number> {
  if (!(await anyStaged(pool))) return 0;
  return (await asSingleWriter(pool, 'now', placeStaged)) ?? 0;
}

/** Rounds that `placeStaged` may take; each consumes a thousand leaves or all there are. */
const roundsMax = 1000;

async function placeStagedNow(pool: pg.Pool): Promise<number> {
  // Whatever was committed before this look is in it, and has at most this id.
  const last = await lastStaged(pool);
  for (let done = 0; last !== null && done < roundsMax; done += 1) {
    if (!(await stagedUpTo(pool, last))) return await treeSize(pool);
    await asSingleWriter(pool, 'waiting', placeStaged);
  }
  if (last !== null) throw new RangeError('leaves are staged faster than they can be placed');
  return await treeSize(pool);
}

async function lastStaged(pool: pg.Pool): Promise<number | null> {
  const look = { name: 'last_staged', text: 'SELECT max(id) AS last FROM leaf_staging', values: [] };
  return (await pool.query<{ last: number | null }>(look)).rows[0]?.last ?? null;
}

async function stagedUpTo(pool: pg.Pool, id: number): Promise<boolean> {
  const look = {
    name: 'staged_up_to',
    text: 'SELECT FROM leaf_staging WHERE id <= $1 LIMIT 1',
    values: [id],
  };
  return (await pool.query(look)).rowCount === 1;
}

/** One cheap statement, since most rounds of a quiet node find nothing. */
async function anyStaged(pool: pg.Pool): Promise<boolean> {
  const look = { name: 'any_staged', text: 'SELECT FROM leaf_staging LIMIT 1', values: [] };
  return (await pool.query(look)).rowCount === 1;
}

const openingColumns = 'digest, typ, inquiry, use, iss, aud, at_ms, outcome';

/** A staged leaf with what the tree says: its size, and whether it holds this digest already. */
interface Taken extends LeafOpening {
  readonly id: number;
  readonly size: number;
  readonly held: boolean;
}

async function placeStaged(client: pg.PoolClient): Promise<number> {
  // Each digest is looked up by itself: of an EXISTS PostgreSQL may make a hash over the whole tree.
  const taken = await client.query<Taken>({
    name: 'take_staged',
    text: `DELETE FROM leaf_staging WHERE id IN (SELECT id FROM leaf_staging ORDER BY id LIMIT $1)
      RETURNING id, ${openingColumns}, (SELECT size FROM ledger_state) AS size,
        (SELECT true FROM leaf WHERE leaf_key(leaf.digest) = leaf_key(leaf_staging.digest)
          AND leaf.digest = leaf_staging.digest LIMIT 1) IS NOT NULL AS held`,
    values: [batchMax],
  });
  const [first] = taken.rows;
  if (first === undefined) return 0;
  const ordered = taken.rows.toSorted((a, b) => a.id - b.id);
  const held = new Set(ordered.flatMap((row) => (row.held ? row.digest : [])));
  await insertLeaves(client, first.size, placeLeaves(first.size, ordered, held));
  return taken.rows.length;
}

/** The leaves and the new size in one statement, by compare-and-swap on the size. */
async function insertLeaves(
  client: pg.PoolClient,
  size: number,
  placed: readonly PlacedLeaf<LeafOpening>[],
): Promise<void> {
  const rows = placed.map(({ index, leaf }) => ({ ...leaf, idx: index }));
  const swapped = await client.query({
    name: 'place_leaves',
    text: `WITH placed AS (
        INSERT INTO leaf (idx, ${openingColumns})
        SELECT idx, ${openingColumns} FROM jsonb_to_recordset($1::jsonb) AS placed
          (idx bigint, digest text, typ text, inquiry text, use bigint, iss text, aud text, at_ms bigint,
           outcome text)
      )
      UPDATE ledger_state SET size = $2 WHERE size = $3`,
    values: [JSON.stringify(rows), size + placed.length, size],
  });
  assert(swapped.rowCount === 1, 'the tree grew under the single writer');
}

async function readSize(client: Pick<pg.Pool, 'query'>): Promise<number> {
  const { rows } = await client.query<{ size: number }>('SELECT size FROM ledger_state');
  const [row] = rows;
  assert(row !== undefined, 'ledger_state has its one row from the migration');
  return row.size;
}

async function treeSize(pool: pg.Pool): Promise<number> {
  return await readSize(pool);
}
