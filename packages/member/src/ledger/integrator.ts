import { assert } from '@causeway/kernel';
import type { Clock, Faults } from '@causeway/kernel';
import {
  emptyEdge,
  formatCheckpoint,
  formatNote,
  growEdge,
  leafHash,
  rootOf,
  signNote,
} from '@causeway/ledger';
import type { Edge, FullTile, NoteSigner } from '@causeway/ledger';
import type pg from 'pg';

import { readEdge } from './edge.ts';
import { isSingleWriter } from './single-writer.ts';
import { readEntries } from './tile-rows.ts';

export interface Integrator {
  /**
   * Hashes the placed leaves that no checkpoint covers, and signs; returns how many. 0 also where another
   * process holds the lock and where this one may not sign. Throws where the ledger in the database is not
   * the one that was signed, and what the database throws; then nothing is signed.
   */
  integrate(): Promise<number>;
}

interface Options {
  readonly pool: pg.Pool;
  readonly signer: NoteSigner;
  readonly clock: Clock;
  readonly faults: Faults;
  /** False until a witness has told that this database is not behind what it saw of this node. */
  readonly maySign: (size?: number) => boolean;
}

/** Leaves of one round, so that its transaction stays short; a tree that is far behind takes several. */
export const leavesMax = 2048;

/**
 * Grows the tree over the leaves that the sequencer has placed. It holds the right edge of the tree in
 * memory, and reads it again where another process has signed meanwhile.
 */
export function createIntegrator(options: Options): Integrator {
  let edge: Edge = emptyEdge;
  return {
    integrate: async () => {
      if (!options.maySign() || !(await behind(options.pool))) return 0;
      const grown = await round(options, edge);
      if (grown === undefined) return 0;
      // Only now: where the COMMIT was not answered, the edge is read again.
      edge = grown.edge;
      await options.faults.at('tree-integrated');
      return grown.leaves;
    },
  };
}

interface Grown {
  readonly edge: Edge;
  readonly leaves: number;
}

/** One cheap statement, since a quiet node asks it again and again. */
async function behind(pool: pg.Pool): Promise<boolean> {
  const look = {
    name: 'tree_behind',
    text: `SELECT FROM ledger_state
      WHERE size > COALESCE((SELECT size FROM ledger_checkpoint ORDER BY size DESC LIMIT 1), 0)`,
    values: [],
  };
  return (await pool.query(look)).rowCount === 1;
}

/** One transaction: tiles and checkpoint of the grown tree, or nothing. */
async function round(options: Options, known: Edge): Promise<Grown | undefined> {
  const client = await options.pool.connect();
  let broken: unknown;
  try {
    await client.query('BEGIN');
    const grown = (await isSingleWriter(client)) ? await grow(client, options, known) : undefined;
    await client.query('COMMIT');
    // A crash before the COMMIT is answered leaves the checkpoint with its tiles, or neither.
    return grown;
  } catch (error) {
    broken = error;
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release(broken instanceof Error);
  }
}

interface Head {
  readonly placed: number;
  readonly signed: number;
  readonly root: Buffer | null;
}

async function grow(client: pg.PoolClient, options: Options, known: Edge): Promise<Grown | undefined> {
  const head = await readHead(client);
  const edge = await edgeOf(client, head, known);
  const leaves = Math.min(head.placed - head.signed, leavesMax);
  if (leaves <= 0 || !options.maySign(head.signed + leaves)) return undefined;
  const entries = await readEntries(client, head.signed, leaves);
  const grown = growEdge(edge, entries.map(leafHash));
  await insertGrown(client, options, grown);
  return { edge: grown.edge, leaves };
}

async function readHead(client: pg.PoolClient): Promise<Head> {
  const { rows } = await client.query<Head>({
    name: 'tree_head',
    text: `SELECT s.size AS placed, COALESCE(c.size, 0) AS signed, c.root FROM ledger_state s
      LEFT JOIN LATERAL (SELECT size, root FROM ledger_checkpoint ORDER BY size DESC LIMIT 1) c ON true`,
    values: [],
  });
  const [row] = rows;
  assert(row !== undefined, 'ledger_state has its one row from the migration');
  return row;
}

/** The edge at the newest checkpoint: as known, or read anew and compared with what was signed. */
async function edgeOf(client: pg.PoolClient, { signed, root }: Head, known: Edge): Promise<Edge> {
  if (matches(known, signed, root)) return known;
  const edge = await readEdge(client, signed);
  assert(matches(edge, signed, root), 'the leaves and tiles in the database are those that were signed');
  return edge;
}

function matches(edge: Edge, size: number, root: Buffer | null): boolean {
  if (edge.frontier.size !== size) return false;
  return root === null ? size === 0 : root.equals(rootOf(edge.frontier));
}

async function insertGrown(
  client: pg.PoolClient,
  { signer, clock }: Options,
  { edge, full }: { edge: Edge; full: readonly FullTile[] },
): Promise<void> {
  const { size } = edge.frontier;
  const root = rootOf(edge.frontier);
  const text = formatCheckpoint({ origin: signer.key.name, size, root, extensions: [] });
  const note = formatNote(signNote(text, [signer]));
  // The primary keys are the compare-and-swap: a second checkpoint of a size, or a tile written twice, ends
  // it.
  await client.query({
    name: 'sign_tree',
    text: `WITH tiles AS (
        INSERT INTO ledger_tile (level, idx, bytes, root)
        SELECT level, idx, bytes, root
        FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[]) AS t (level, idx, bytes, root)
      )
      INSERT INTO ledger_checkpoint (size, root, note, at_ms) VALUES ($5, $6, $7, $8)`,
    values: [
      ...[full.map(({ level }) => level), full.map(({ index }) => index)],
      ...[full.map(({ bytes }) => Buffer.from(bytes)), full.map(({ root: over }) => Buffer.from(over))],
      ...[size, Buffer.from(root), note, clock.now()],
    ],
  });
}
