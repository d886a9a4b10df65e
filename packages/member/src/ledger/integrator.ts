import { assert } from '@causeway/kernel';
import type { Clock, Faults } from '@causeway/kernel';
import {
  emptyEdge,
  entryOf,
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
import { asSingleWriter } from './single-writer.ts';

export interface Integrator {
  /**
   * Hashes the placed leaves that no checkpoint covers, and signs; returns how many. 0 also where another
   * process holds the lock and where this one may not sign. `grown`: leaves have been placed just now, nobody
   * need look for them. Throws where the ledger in the database is not the one that was signed, and what the
   * database throws; then nothing is signed.
   */
  integrate(grown?: boolean): Promise<number>;
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
    integrate: async (grown = false) => {
      if (!options.maySign() || !(grown || (await behind(options.pool)))) return 0;
      // One transaction: tiles and checkpoint of the grown tree, or nothing.
      const next = await asSingleWriter(
        options.pool,
        'now',
        async (client) => await grow(client, options, edge),
      );
      if (next === undefined) return 0;
      // Only now: where the COMMIT was not answered, the edge is read again.
      edge = next.edge;
      await options.faults.at('tree-integrated');
      return next.leaves;
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

interface Head {
  readonly placed: number;
  readonly signed: number;
  readonly root: Buffer | null;
  /** Of the placed leaves behind the signed ones, as many as one round takes. */
  readonly digests: readonly string[];
}

async function grow(client: pg.PoolClient, options: Options, known: Edge): Promise<Grown | undefined> {
  const head = await readHead(client);
  const edge = await edgeOf(client, head, known);
  const leaves = Math.min(head.placed - head.signed, leavesMax);
  if (leaves <= 0 || !options.maySign(head.signed + leaves)) return undefined;
  assert(head.digests.length === leaves, 'the leaves below the size of the tree are dense');
  const grown = growEdge(
    edge,
    head.digests.map((digest) => leafHash(entryOf(digest))),
  );
  await insertGrown(client, options, grown);
  return { edge: grown.edge, leaves };
}

async function readHead(client: pg.PoolClient): Promise<Head> {
  const { rows } = await client.query<Head>({
    name: 'tree_head',
    text: `SELECT s.size AS placed, COALESCE(c.size, 0) AS signed, c.root, ARRAY(
        SELECT digest FROM leaf WHERE idx >= COALESCE(c.size, 0)
          AND idx < LEAST(s.size, COALESCE(c.size, 0) + $1) ORDER BY idx) AS digests
      FROM ledger_state s
      LEFT JOIN LATERAL (SELECT size, root FROM ledger_checkpoint ORDER BY size DESC LIMIT 1) c ON true`,
    values: [leavesMax],
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
