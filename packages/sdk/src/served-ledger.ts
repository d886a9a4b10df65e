import {
  LedgerError,
  bundleEntries,
  firstDifference,
  leafHash,
  nodeInTile,
  openTiles,
  tileHashes,
  tileOfNode,
  tilePath,
  wholeTile,
} from '@causeway/ledger';
import type {
  Edge,
  Finding,
  LedgerReader,
  StoredCheckpoint,
  StoredTile,
  Stretch,
  Tile,
} from '@causeway/ledger';
import { CausewayError } from '@causeway/protocol';
import { fetchBytes } from './http.ts';

const width = 256;
const hashBytes = 32;
/** A node that serves so many bundles in a row not at all has not got what its checkpoint says. */
const absentMax = 64;
/** What a node says of a tile that it cannot make. */
const absent = new Set(['not_found', 'internal']);

type Hashes = readonly (Uint8Array | undefined)[];

/** Reads a ledger as everybody can, from the tiles that a node serves under one of its checkpoints. */
export class ServedLedger implements LedgerReader {
  readonly #baseUrl: string;
  readonly #checkpoint: StoredCheckpoint;
  readonly #onProgress: (leaves: number) => void;
  /** The tile of the level above that was read last, under its path. */
  #above: { path: string; bytes: Promise<Uint8Array | undefined> } | undefined;
  #absentInARow = 0;
  /** Hashes of the entries behind the last full bundle. */
  #last: Hashes = [];

  /** @param baseUrl of the node's public listener */
  constructor(baseUrl: string, checkpoint: StoredCheckpoint, onProgress: (leaves: number) => void) {
    this.#baseUrl = baseUrl;
    this.#checkpoint = checkpoint;
    this.#onProgress = onProgress;
  }

  async sizes() {
    const { size } = this.#checkpoint;
    return { placed: size, signed: size };
  }

  async stretch(first: number, past: number): Promise<Stretch> {
    const indexes = Array.from({ length: Math.ceil((past - first) / width) }, (_, n) => first / width + n);
    const parts = await Promise.all(indexes.map((index) => this.#part(index)));
    this.#last = parts.at(-1)?.leaves ?? [];
    this.#onProgress(past);
    const tiles = parts.flatMap(({ tile }, n) => (tile ? [[first / width + n, tile] as const] : []));
    const leaves = parts.flatMap((part) => part.leaves);
    const ends = this.#checkpoint.size > first && this.#checkpoint.size <= past;
    return { leaves, tiles: new Map(tiles), checkpoints: ends ? [this.#checkpoint] : [] };
  }

  /** Judged by its hashes alone: the tile above it, which has its root, is looked at itself. */
  async tile(level: number, index: number): Promise<StoredTile | undefined> {
    const bytes = await this.#fetch({ level, index, width });
    const root = bytes && wholeTile(tileHashes(bytes))?.root;
    return bytes && root && { bytes, root };
  }

  /** What is wrong with the tiles that are not full, where the tree is known up to its right edge. */
  async openTileFaults(edge: Edge | undefined): Promise<Finding[]> {
    const faults = openTiles(this.#checkpoint.size).map(async (tile): Promise<Finding[]> => {
      const hashes = tile.level === 0 ? this.#last : edge?.open[tile.level];
      const known = hashes?.filter((hash) => hash !== undefined);
      if (known?.length !== tile.width) return [];
      const fault = faultIn(await this.#fetch(tile), known);
      return fault === undefined ? [] : [{ what: 'tile', at: tilePath(tile), detail: fault }];
    });
    return (await Promise.all(faults)).flat();
  }

  async #part(index: number): Promise<{ leaves: Hashes; tile: StoredTile | undefined }> {
    const entries = Math.min(width, this.#checkpoint.size - index * width);
    const bundle = { level: 'entries', index, width: entries } as const;
    const full = entries === width ? this.#fetch({ level: 0, index, width }) : undefined;
    const [leaves, bytes] = await Promise.all([this.#leaves(bundle), full]);
    return { leaves, tile: bytes && { bytes, root: await this.#rootOver(index, bytes, leaves) } };
  }

  async #leaves(bundle: Tile): Promise<Hashes> {
    const bytes = await this.#fetch(bundle);
    this.#absentInARow = bytes ? 0 : this.#absentInARow + 1;
    if (this.#absentInARow > absentMax)
      throw new CausewayError('unavailable', { detail: 'the node serves a checkpoint, and not its leaves' });
    const entries = bytes ? entriesIn(bytes, bundle.width) : [];
    return Array.from({ length: bundle.width }, (_, n) => {
      const entry = entries[n];
      return entry?.length === hashBytes ? leafHash(entry) : undefined;
    });
  }

  /**
   * The hash over a tile: as the level above has it where the tile and its entries contradict each other, so
   * that it says which of them the tree was made of.
   */
  async #rootOver(index: number, bytes: Uint8Array, leaves: Hashes): Promise<Uint8Array> {
    const known = leaves.filter((leaf) => leaf !== undefined);
    const agreed = known.length === width && faultIn(bytes, known) === undefined;
    const own = agreed ? wholeTile(known)?.root : await this.#hashAbove(index);
    return own ?? new Uint8Array(hashBytes);
  }

  async #hashAbove(index: number): Promise<Uint8Array | undefined> {
    const node = { level: 8, index };
    const tile = tileOfNode(node, this.#checkpoint.size);
    const path = tilePath(tile);
    if (this.#above?.path !== path) this.#above = { path, bytes: this.#fetch(tile) };
    const bytes = await this.#above.bytes;
    return bytes && nodeInTile(tile, bytes, node);
  }

  /** Undefined where the node does not serve it, or other than its path says. @throws CausewayError */
  async #fetch(tile: Tile): Promise<Uint8Array | undefined> {
    try {
      const bytes = await fetchBytes(`${this.#baseUrl}/ledger/${tilePath(tile)}`);
      const each = tile.level === 'entries' ? hashBytes + 2 : hashBytes;
      return bytes.length === tile.width * each ? bytes : undefined;
    } catch (error) {
      if (error instanceof CausewayError && absent.has(error.code)) return undefined;
      throw error;
    }
  }
}

function entriesIn(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  try {
    return bundleEntries(bytes, count);
  } catch (error) {
    if (error instanceof LedgerError) return [];
    throw error;
  }
}

function faultIn(bytes: Uint8Array | undefined, hashes: readonly Uint8Array[]): string | undefined {
  if (bytes === undefined) return 'is missing';
  const differing = firstDifference(bytes, Buffer.concat(hashes));
  return differing === undefined ? undefined : `its hash ${differing} is not that of the tree`;
}
