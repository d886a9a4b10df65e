import { appendLeaves, frontierOf, type Frontier } from './frontier.ts';
import { LedgerError, type LedgerErrorCode } from './ledger-error.ts';
import { leafHash } from './tree-hash.ts';
import type { ReadNode } from './tree-proof.ts';

/** A tree of numbered leaves in memory, for tests. */
export interface GrownTree {
  readonly frontier: Frontier;
  readonly read: ReadNode;
  readonly leaves: readonly Uint8Array[];
}

/** The 32 byte entry of the nth leaf. */
export function entryAt(n: number): Uint8Array {
  const entry = new Uint8Array(32);
  new DataView(entry.buffer).setUint32(0, n);
  return entry;
}

/** A tree of `size` leaves with all its nodes. */
export function treeOf(size: number): GrownTree {
  return treeOver(Array.from({ length: size }, (_, at) => entryAt(at)));
}

/** The same over these entries. */
export function treeOver(entries: readonly Uint8Array[]): GrownTree {
  const leaves = entries.map(leafHash);
  const { frontier, nodes } = appendLeaves(frontierOf(0, []), leaves);
  const hashes = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  return { frontier, leaves, read: (level, index) => hashes.get(`${level}/${index}`) };
}

/** The code with which an action is refused, or 'none'. Any other error is a defect and is thrown on. */
export function codeOf(action: () => unknown): LedgerErrorCode | 'none' {
  try {
    action();
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
  return 'none';
}

/** The bytes with one bit turned. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const at = Math.floor(bit / 8) % bytes.length;
  return bytes.map((byte, index) => (index === at ? byte ^ (1 << (bit % 8)) : byte));
}

/** The bytes that hexadecimal digits stand for. */
export function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The text as it is written again from what was read; where it is malformed, the text itself. */
export function respelt<T>(text: string, read: (text: string) => T, write: (value: T) => string): string {
  return codeOf(() => read(text)) === 'malformed' ? text : write(read(text));
}
