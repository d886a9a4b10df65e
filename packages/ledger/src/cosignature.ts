import { ed25519Verify } from '#crypto';
import { assert } from '@causeway/kernel';

import { concat, utf8 } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';
import { signaturesBy, type Note, type NoteSignature } from './note.ts';
import type { NoteKey, NoteSigner } from './note-key.ts';

const timeBytes = 8;

/** A witness's word that, at `time_s`, this checkpoint was the largest consistent one that it had seen. */
export interface Cosignature {
  readonly key: NoteKey;
  /** Seconds since the epoch, by the witness's clock. */
  readonly time_s: number;
}

/** Cosigns a checkpoint's text at a time in seconds (C2SP tlog-cosignature, version 1 with Ed25519). */
export function cosign(text: string, signer: NoteSigner, time_s: number): NoteSignature {
  const { key } = signer;
  assert(key.type === 'cosignature', 'a witness signs with a key for cosignatures');
  assert(Number.isSafeInteger(time_s) && time_s > 0, 'a cosignature has a time in seconds');
  const time = new Uint8Array(timeBytes);
  new DataView(time.buffer).setBigUint64(0, BigInt(time_s));
  return { name: key.name, id: key.id, bytes: concat(time, signer.sign(messageOf(text, time_s))) };
}

/**
 * The cosignatures by known witnesses on a checkpoint's note, one for each key: its earliest. Others are
 * ignored, and there may be none. Throws `signature_invalid` where one by a known key does not verify or has
 * no time.
 */
export function verifyCosignatures(note: Note, witnesses: readonly NoteKey[]): Cosignature[] {
  return witnesses.flatMap((key) => {
    assert(key.type === 'cosignature', 'a witness signs with a key for cosignatures');
    const times = signaturesBy(note, key).map(({ bytes }) => verifiedTime(note.text, key, bytes));
    return times.length === 0 ? [] : [{ key, time_s: Math.min(...times) }];
  });
}

function verifiedTime(text: string, key: NoteKey, bytes: Uint8Array): number {
  if (bytes.length <= timeBytes) throw new LedgerError('signature_invalid');
  const time_s = Number(new DataView(bytes.buffer, bytes.byteOffset, timeBytes).getBigUint64(0));
  const sound =
    Number.isSafeInteger(time_s) &&
    time_s > 0 &&
    ed25519Verify(key.publicKey, messageOf(text, time_s), bytes.subarray(timeBytes));
  if (!sound) throw new LedgerError('signature_invalid');
  return time_s;
}

function messageOf(text: string, time_s: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time_s}\n${text}`);
}
