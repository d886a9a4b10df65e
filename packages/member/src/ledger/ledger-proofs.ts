import { formatProof, inclusionNodes, inclusionProof } from '@causeway/ledger';
import type pg from 'pg';

import type { StoredCheckpoint } from './ledger-store.ts';
import { readNodes } from './tile-rows.ts';

/** The newest checkpoint that counts, and the newest signed; undefined before there is one. */
interface Heads {
  readonly counting: StoredCheckpoint | undefined;
  readonly newest: StoredCheckpoint | undefined;
}

/**
 * Proof files by digest, of the statements among `digests` that a checkpoint covers: each under the newest
 * that counts, or where that has not got so far, the newest signed. As many queries for one as for a page
 * of them.
 */
export async function proofsUnder(
  pool: pg.Pool,
  digests: readonly string[],
  readHeads: () => Promise<Heads>,
): Promise<ReadonlyMap<string, string>> {
  const leaves = await indexesOf(pool, digests);
  if (leaves.length === 0) return new Map();
  // After the leaves: a checkpoint that is read later covers no fewer.
  const { counting, newest } = await readHeads();
  const counted = leaves.filter(({ idx }) => idx < (counting?.size ?? 0));
  const signed = leaves.filter((leaf) => !counted.includes(leaf) && leaf.idx < (newest?.size ?? 0));
  return new Map([...(await prove(pool, counted, counting)), ...(await prove(pool, signed, newest))]);
}

/** The proof file of one statement, under the checkpoint that `checkpointOver` its index gives. */
export async function firstProof(
  pool: pg.Pool,
  digest: string,
  checkpointOver: (index: number) => Promise<StoredCheckpoint | undefined>,
): Promise<string | undefined> {
  const [leaf] = await indexesOf(pool, [digest]);
  if (leaf === undefined) return undefined;
  const [proven] = await prove(pool, [leaf], await checkpointOver(leaf.idx));
  return proven?.[1];
}

interface Leaf {
  readonly idx: number;
  readonly digest: string;
}

async function indexesOf(pool: pg.Pool, digests: readonly string[]): Promise<Leaf[]> {
  const text = `SELECT leaf.idx, leaf.digest FROM unnest($1::text[]) AS asked (digest)
    JOIN leaf ON leaf_key(leaf.digest) = leaf_key(asked.digest) AND leaf.digest = asked.digest`;
  return (await pool.query<Leaf>({ name: 'leaf_indexes', text, values: [digests] })).rows;
}

async function prove(
  pool: pg.Pool,
  leaves: readonly Leaf[],
  checkpoint: StoredCheckpoint | undefined,
): Promise<[string, string][]> {
  if (checkpoint === undefined || leaves.length === 0) return [];
  const { note, size } = checkpoint;
  const read = await readNodes(
    pool,
    size,
    leaves.flatMap(({ idx }) => inclusionNodes(idx, size)),
  );
  return leaves.map(({ idx: index, digest }) => {
    const hashes = inclusionProof(index, size, read);
    return [digest, formatProof({ extra: null, index, hashes, checkpoint: note })];
  });
}
