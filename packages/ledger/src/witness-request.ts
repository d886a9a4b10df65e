import { assert } from '@causeway/kernel';

import { decodeNumber, encodeBase64, textOf } from './bytes.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { LedgerError } from './ledger-error.ts';
import { parseNote, type Note } from './note.ts';
import { decodeHashes, proofLimits } from './tlog-proof.ts';
import { isTreeNumber } from './tree-shape.ts';

/** What a ledger asks a witness to cosign: the body of add-checkpoint (C2SP tlog-witness). */
export interface WitnessRequest {
  /** The size that the witness is believed to have cosigned last. */
  readonly oldSize: number;
  /** Consistency proof from the old size to the checkpoint's. */
  readonly proof: readonly Uint8Array[];
  readonly note: Note;
  /** What the note says; no signature has been verified yet. */
  readonly checkpoint: Checkpoint;
}

/** The body of add-checkpoint for a signed checkpoint. */
export function formatWitnessRequest(
  oldSize: number,
  proof: readonly Uint8Array[],
  signedCheckpoint: string,
): string {
  assert(isTreeNumber(oldSize) && proof.length <= proofLimits.hashesMax, 'a request has a size and a proof');
  return [`old ${oldSize}`, ...proof.map(encodeBase64), '', signedCheckpoint].join('\n');
}

/**
 * Reads the body of add-checkpoint. Throws `malformed`, which a witness answers with 400: for another form,
 * more than 63 hashes, and an old size above the checkpoint's.
 */
export function parseWitnessRequest(received: Uint8Array | string): WitnessRequest {
  const text = textOf(received, proofLimits.bytesMax);
  const blank = text.indexOf('\n\n');
  const [old, ...lines] = text.slice(0, Math.max(blank, 0)).split('\n');
  if (!old?.startsWith('old ')) throw new LedgerError('malformed', 'A request names the old size.');
  const oldSize = decodeNumber(old.slice(4));
  const proof = decodeHashes(lines);
  const note = parseNote(text.slice(blank + 2));
  const checkpoint = parseCheckpoint(note.text);
  if (oldSize > checkpoint.size) throw new LedgerError('malformed', 'The old size exceeds the checkpoint.');
  return { oldSize, proof, note, checkpoint };
}
