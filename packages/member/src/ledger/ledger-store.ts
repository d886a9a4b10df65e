import { assert } from '@causeway/kernel';
import { bundleBytes, consistencyNodes, consistencyProof, noteLimits } from '@causeway/ledger';
import type { QuorumRule, Tile } from '@causeway/ledger';
import type pg from 'pg';

import { firstProof, proofsUnder } from './ledger-proofs.ts';
import { readEntries, readNodes, readTiles } from './tile-rows.ts';

/** A checkpoint as it was signed. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note, with no other signature than the ledger's own. */
  readonly note: string;
}

/** What others ask of a node's ledger. It reads what was signed, and nothing beyond. */
export interface LedgerStore {
  /** The newest signed checkpoint; undefined before the first leaf. */
  newest(): Promise<StoredCheckpoint | undefined>;
  /** The checkpoint of a size, if one was signed. */
  at(size: number): Promise<StoredCheckpoint | undefined>;
  /** The newest checkpoint that enough witnesses have cosigned, with their signatures in its note. */
  newestCounting(): Promise<StoredCheckpoint | undefined>;
  /**
   * That the tree of the newer size begins with that of the older. Both are at most the newest checkpoint's.
   */
  consistency(oldSize: number, newSize: number): Promise<Uint8Array[]>;
  /**
   * A tlog-proof that a statement is in the ledger: under the newest checkpoint that counts, or where that
   * has not got so far, the newest signed. Undefined where no checkpoint covers the statement.
   */
  proofOf(digest: string): Promise<string | undefined>;
  /** The same for several statements at once, by digest; what has no proof is absent. */
  proofsOf(digests: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * A tlog-proof under the smallest checkpoint with the statement that counts: of all times at which members
   * saw it, the first that is known. Undefined before there is one.
   */
  firstProofOf(digest: string): Promise<string | undefined>;
  /** A tile of hashes, or a bundle of entries, full or partial; undefined beyond the newest checkpoint. */
  tile(tile: Tile): Promise<Uint8Array | undefined>;
}

const tileWidth = 256;

/** Opens a node's ledger for reading. `quorum` says whose cosignatures make a checkpoint count. */
export function openLedgerStore(pool: pg.Pool, quorum: QuorumRule): LedgerStore {
  const newest = async (): Promise<StoredCheckpoint | undefined> => await newestOf(pool);
  const newestCounting = async () => await newestCountingOf(pool, quorum);
  const proofsOf = async (digests: readonly string[]): Promise<ReadonlyMap<string, string>> =>
    await proofsUnder(pool, digests, async () => ({
      counting: await newestCounting(),
      newest: await newest(),
    }));
  return {
    newest,
    at: async (size) => await checkpointAt(pool, size),
    newestCounting,
    consistency: async (oldSize, newSize) => {
      const read = await readNodes(pool, newSize, consistencyNodes(oldSize, newSize));
      return consistencyProof(oldSize, newSize, read);
    },
    proofOf: async (digest) => (await proofsOf([digest])).get(digest),
    proofsOf,
    firstProofOf: async (digest) =>
      await firstProof(pool, digest, async (index) => await firstCountingOf(pool, quorum, index)),
    tile: async (tile) => {
      const size = (await newest())?.size ?? 0;
      return isWithin(tile, size) ? await bytesOf(pool, tile) : undefined;
    },
  };
}

/** Whether the tree of `size` leaves has all hashes of a tile. */
function isWithin({ level, index, width }: Tile, size: number): boolean {
  const hashes = level === 'entries' ? size : Math.floor(size / tileWidth ** level);
  return index * tileWidth + width <= hashes;
}

async function bytesOf(pool: pg.Pool, { level, index, width }: Tile): Promise<Uint8Array> {
  if (level === 'entries') return bundleBytes(await readEntries(pool, index * tileWidth, width));
  const [bytes] = await readTiles(pool, [{ level, index, width }]);
  assert(bytes, 'a tile that was asked for is read');
  return bytes;
}

async function newestOf(pool: pg.Pool): Promise<StoredCheckpoint | undefined> {
  const text = 'SELECT size, root, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1';
  const { rows } = await pool.query<StoredCheckpoint>({ name: 'newest_checkpoint', text, values: [] });
  return rows[0];
}

async function checkpointAt(pool: pg.Pool, size: number): Promise<StoredCheckpoint | undefined> {
  const text = 'SELECT size, root, note FROM ledger_checkpoint WHERE size = $1';
  const { rows } = await pool.query<StoredCheckpoint>({ name: 'checkpoint_at', text, values: [size] });
  return rows[0];
}

/** It walks back from the newest and stops at the first that counts. */
async function newestCountingOf(pool: pg.Pool, rule: QuorumRule): Promise<StoredCheckpoint | undefined> {
  return await countingOf(pool, rule, { name: 'newest_counting', order: 'DESC', above: -1 });
}

/** The smallest tree with the leaf of an index that enough witnesses have cosigned. */
async function firstCountingOf(
  pool: pg.Pool,
  rule: QuorumRule,
  index: number,
): Promise<StoredCheckpoint | undefined> {
  return await countingOf(pool, rule, { name: 'first_counting', order: 'ASC', above: index });
}

/** The rule is `isWitnessed` in the database's words. */
async function countingOf(
  pool: pg.Pool,
  rule: QuorumRule,
  { above, name, order }: { above: number; name: string; order: 'ASC' | 'DESC' },
): Promise<StoredCheckpoint | undefined> {
  const { rows } = await pool.query<StoredCheckpoint & { lines: string[] }>({
    name,
    text: `WITH counting AS (
        SELECT size FROM ledger_cosignature WHERE witness <> $1 AND size > $4
        GROUP BY size HAVING count(*) >= 2 AND bool_or(witness <> $2) ORDER BY size ${order} LIMIT 1
      )
      SELECT c.size, c.root, c.note,
        ARRAY(SELECT line FROM ledger_cosignature s WHERE s.size = c.size AND witness <> $1
          ORDER BY witness = $2 DESC, cosigned_at LIMIT $3) AS lines
      FROM counting JOIN ledger_checkpoint c USING (size)`,
    values: [rule.operator, rule.authority, noteLimits.signaturesMax - 1, above],
  });
  return rows.map(({ size, root, note, lines }) => ({ size, root, note: note + lines.join('') }))[0];
}
