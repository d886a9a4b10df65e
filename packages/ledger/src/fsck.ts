import { equalBytes } from './bytes.ts';
import { emptyEdge, growEdge } from './edge.ts';
import type { Edge, FullTile } from './edge.ts';
import { rangeText } from './fsck-findings.ts';
import type { Findings } from './fsck-findings.ts';
import { judgeCheckpoint } from './fsck-checkpoint.ts';
import type { Signers } from './fsck-checkpoint.ts';
import { believedLeaves, tileFault } from './fsck-tile.ts';
import type { Held, StoredCheckpoint, StoredTile } from './fsck-tile.ts';
import { rootOf } from './frontier.ts';
import { tileWidth } from './tile.ts';

/** A stretch of leaves with all that a ledger has for it. */
export interface Stretch {
  /** Hashes of entries; undefined where one is missing or none. */
  readonly leaves: readonly (Uint8Array | undefined)[];
  /** Full tiles of the lowest level, by index. */
  readonly tiles: ReadonlyMap<number, StoredTile>;
  /** Those that end among these leaves, the smaller first. */
  readonly checkpoints: readonly StoredCheckpoint[];
}

/** Where a ledger is read from: its node's database, or what it serves to everybody. */
export interface LedgerReader {
  /** Leaves that have a place, and leaves under the newest checkpoint. */
  sizes(): Promise<{ readonly placed: number; readonly signed: number }>;
  stretch(first: number, past: number): Promise<Stretch>;
  /** A full tile above the lowest level. */
  tile(level: number, index: number): Promise<StoredTile | undefined>;
}

/** Leaves that are held at once. */
const stretchMax = 16 * tileWidth;

/**
 * Proves a whole ledger anew: leaves dense, full tiles over them, every checkpoint over the tree of its size,
 * signatures. A fault is told where it is, and once: what stands above it is judged by what the tile or the
 * checkpoints vouch for. Returns the right edge of the tree, undefined behind a fault that leaves it unknown.
 * Memory does not grow with the ledger. Throws what the reader throws.
 */
export async function proveLedger(
  reader: LedgerReader,
  signers: Signers,
  findings: Findings,
): Promise<Edge | undefined> {
  const { placed, signed } = await reader.sizes();
  if (placed < signed)
    findings.add({ what: 'state', at: `${placed}`, detail: `a checkpoint has the size ${signed}` });
  const end = Math.max(placed, signed);
  const walker = new Walker(reader, signers, findings, signed);
  for (let first = 0; first < end; first += stretchMax) {
    const past = Math.min(first + stretchMax, end);
    await walker.stretch(first, await reader.stretch(first, past));
  }
  findings.endRun();
  return walker.edge();
}

/** Grows the tree anew, and compares. */
class Walker {
  readonly #reader: LedgerReader;
  readonly #signers: Signers;
  readonly #findings: Findings;
  readonly #signed: number;
  /** Undefined behind a fault that leaves the hashes unknown: no later root can be judged. */
  #edge: Edge | undefined = emptyEdge;
  /** The size of the last checkpoint whose root was found right. */
  #proven = 0;

  constructor(reader: LedgerReader, signers: Signers, findings: Findings, signed: number) {
    this.#reader = reader;
    this.#signers = signers;
    this.#findings = findings;
    this.#signed = signed;
  }

  /** The right edge at the end, where it is known. */
  edge(): Edge | undefined {
    return this.#edge;
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
    checkpoints: readonly StoredCheckpoint[],
  ): Promise<void> {
    let done = 0;
    for (const { size, root } of checkpoints) {
      await this.#grow(leaves.slice(done, size - start));
      done = size - start;
      if (this.#edge && !equalBytes(root, rootOf(this.#edge.frontier))) this.#differs(size);
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
    const fault = tileFault(await this.#reader.tile(level, index), tile);
    if (fault !== undefined) this.#findings.add({ what: 'tile', at: `${level}/${index}`, detail: fault });
  }
}
