import { assert } from '@causeway/kernel';

import { decodeHash, decodeNumber, encodeBase64 } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';
import { parseNote, verifyNote, type Note } from './note.ts';
import type { NoteKey } from './note-key.ts';
import { isTreeNumber } from './tree-shape.ts';

/** The head of a ledger's tree (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Names the ledger, as in `bureau.example/ledger`. */
  readonly origin: string;
  /** Leaves in the tree. */
  readonly size: number;
  /** Root hash, 32 bytes. */
  readonly root: Uint8Array;
  /** Further lines, which a foreign ledger may have and nobody here reads. */
  readonly extensions: readonly string[];
}

/** The text that is signed: origin, size and root, a line each. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  assert(isTreeNumber(size) && root.length === 32, 'a checkpoint has a size and a root hash');
  const lines = [origin, `${size}`, encodeBase64(root), ...extensions];
  assert(
    lines.every((line) => line !== '' && !line.includes('\n')),
    'a checkpoint has no empty line',
  );
  return `${lines.join('\n')}\n`;
}

/** Reads a note's text as a checkpoint. Throws `malformed` for all but the one spelling of size and root. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = '', ...extensions] = text.split('\n');
  if (extensions.pop() !== '' || origin === '' || extensions.includes('')) {
    throw new LedgerError('malformed', 'A checkpoint has three lines or more and none is empty.');
  }
  return { origin, size: decodeNumber(size), root: decodeHash(root), extensions };
}

/** A ledger as it is known beforehand: its origin and the keys of its signer. */
export interface KnownLedger {
  readonly origin: string;
  readonly keys: readonly NoteKey[];
  /** Keys that signed before: what they signed counts by the cosignatures until then. */
  readonly retired?: readonly RetiredKey[];
}

/** A key that a ledger's signer has replaced. */
export interface RetiredKey {
  readonly key: NoteKey;
  /** The last second, since the epoch, in which a witness may have seen a checkpoint by it. */
  readonly until_s: number;
}

/** A checkpoint whose ledger's signature holds, with the note that carried it. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: Note;
  /** Where only a retired key has signed: cosignatures after this second do not count. */
  readonly until_s?: number;
}

/**
 * Reads a ledger's signed checkpoint. Throws `malformed`, `origin_unexpected`, and as `verifyNote` does where
 * the ledger's own keys, retired ones among them, have not signed.
 */
export function openCheckpoint(received: Uint8Array | string, ledger: KnownLedger): SignedCheckpoint {
  const note = parseNote(received);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== ledger.origin) throw new LedgerError('origin_unexpected');
  const retired = ledger.retired ?? [];
  const signed = verifyNote(note, [...ledger.keys, ...retired.map(({ key }) => key)]);
  if (signed.some((key) => ledger.keys.includes(key))) return { ...checkpoint, note };
  const ends = retired.flatMap(({ key, until_s }) => (signed.includes(key) ? [until_s] : []));
  return { ...checkpoint, note, until_s: Math.max(...ends) };
}
