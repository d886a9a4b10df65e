import { rootOf } from '@causeway/ledger';
import type pg from 'pg';

import { emptyEdge, growEdge } from './edge.ts';
import type { Edge, FullTile } from './edge.ts';
import { Findings, rangeText } from './fsck-findings.ts';
import type { Finding } from './fsck-findings.ts';
import { judgeCheckpoint } from './fsck-checkpoint.ts';
import type { Signers } from './fsck-checkpoint.ts';
import { doubledDigests, leavesBeyond, readSizes, readStretch, readTile, tilesBeyond } from './fsck-rows.ts';
import type { CheckpointRow, Stretch } from './fsck-rows.ts';
import { believedLeaves, tileFault } from './fsck-tile.ts';
import type { Held } from './fsck-tile.ts';
import type { Queryable } from './tile-rows.ts';

interface Options extends Signers {
  readonly pool: pg.Pool;
  /** Findings beyond this are not told. */
  readonly findingsMax?: number;
}

const tileWidth = 256;
/** Leaves that are held at once. */
const stretchMax = 16 * tileWidth;

/**
 * Proves a whole ledger anew from its database, as it stands at one moment: leaves dense and unique, full
 * tiles over them, every checkpoint over the tree of its size, signatures. A fault is told where it is, and
 * once: what stands above it is judged by what the tile or the checkpoints vouch for. Nothing staged is
 * judged: a statement may be staged twice, and is one leaf. Memory does not grow with the ledger.
 */
export async function fsckLedger({
  pool,
  findingsMax = 100,
  ...signers
}: Options): Promise<readonly Finding[]> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const findings = new Findings(findingsMax);
    await walk(client, signers, findings);
    findings.endRun();
    return findings.list;
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
    client.release();
  }
}

async function walk(db: Queryable, signers: Signers, findings: Findings): Promise<void> {
  const { placed, signed } = await readSizes(db);
  if (placed < signed)
    findings.add({ what: 'state', at: `${placed}`, detail: `a checkpoint has the size ${signed}` });
  const end = Math.max(placed, signed);
  const walker = new Walker(db, signers, findings, signed);
  for (let first = 0; first < end; first += stretchMax) {
    const past = Math.min(first + stretchMax, end);
    await walker.stretch(first, await readStretch(db, first, past));
  }
  findings.endRun();
  for (const index of await leavesBeyond(db, end))
    findings.leaf(index, 'stands beyond the size of the ledger');
  findings.endRun();
  for (const { digest: _, first, last } of await doubledDigests(db))
    findings.add({ what: 'leaf', at: `${last}`, detail: `the same as leaf ${first}` });
  for (const { level, idx } of await tilesBeyond(db, signed))
    findings.add({ what: 'tile', at: `${level}/${idx}`, detail: 'no checkpoint covers it' });
}

/** Grows the tree anew, and compares. */
class Walker {
  readonly #db: Queryable;
  readonly #signers: Signers;
  readonly #findings: Findings;
  readonly #signed: number;
  /** Undefined behind a fault that leaves the hashes unknown: no later root can be judged. */
  #edge: Edge | undefined = emptyEdge;
  /** The size of the last checkpoint whose root was found right. */
  #proven = 0;

  constructor(db: Queryable, signers: Signers, findings: Findings, signed: number) {
    this.#db = db;
    this.#signers = signers;
    this.#findings = findings;
    this.#signed = signed;
  }

  async stretch(first: number, { leaves, tiles, checkpoints }: Stretch): Promise<void> {
    const signed = checkpoints.map((row) => ({
      row,
      sound: judgeCheckpoint(row, this.#signers, this.#findings),
    }));
    const sound = signed.flatMap((each) => (each.sound ? each.row : []));
    for (let at = 0; at < leaves.length; at += tileWidth) {
      const own = leaves.slice(at, at + tileWidth);
      const start = first + at;
      const ending = sound.filter(({ size }) => size > start && size <= start + own.length);
      const covered = own.length === tileWidth && start + tileWidth <= this.#signed;
      const tile: Held['tile'] = covered ? (tiles.get(start / tileWidth) ?? 'missing') : undefined;
      const held = { start, leaves: own, tile, edge: this.#edge, checkpoints: ending };
      await this.#tile(start, believedLeaves(held, this.#findings), ending);
    }
  }

  async #tile(
    start: number,
    leaves: readonly (Uint8Array | undefined)[],
    checkpoints: readonly CheckpointRow[],
  ): Promise<void> {
    let done = 0;
    for (const { size, root } of checkpoints) {
      await this.#grow(leaves.slice(done, size - start));
      done = size - start;
      if (this.#edge && !root.equals(rootOf(this.#edge.frontier))) this.#differs(size);
      if (this.#edge) this.#proven = size;
    }
    await this.#grow(leaves.slice(done));
  }

  #differs(size: number): void {
    this.#findings.endRun();
    const at = rangeText(this.#proven, size - 1);
    const detail = `not what the checkpoint of size ${size} was signed over`;
    this.#findings.add({ what: 'leaf', at, detail });
    this.#edge = undefined;
  }

  async #grow(leaves: readonly (Uint8Array | undefined)[]): Promise<void> {
    if (!this.#edge) return;
    const known = leaves.filter((leaf) => leaf !== undefined);
    if (known.length < leaves.length) {
      this.#edge = undefined;
      return;
    }
    const { edge, full } = growEdge(this.#edge, known);
    this.#edge = edge;
    for (const tile of full) if (tile.level > 0) await this.#upperTile(tile);
  }

  async #upperTile(tile: FullTile): Promise<void> {
    const { level, index } = tile;
    if ((index + 1) * tileWidth ** (level + 1) > this.#signed) return;
    const fault = tileFault(await readTile(this.#db, level, index), tile);
    if (fault !== undefined) this.#findings.add({ what: 'tile', at: `${level}/${index}`, detail: fault });
  }
}
