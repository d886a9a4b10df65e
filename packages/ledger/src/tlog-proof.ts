import { assert } from '@causeway/kernel';

import { decodeBase64, decodeHash, decodeNumber, encodeBase64, textOf } from './bytes.ts';
import { openCheckpoint, type KnownLedger, type SignedCheckpoint } from './checkpoint.ts';
import { verifyCosignatures } from './cosignature.ts';
import { LedgerError } from './ledger-error.ts';
import { noteLimits, type Note } from './note.ts';
import type { NoteKey } from './note-key.ts';
import { isWitnessed, type QuorumRule } from './quorum.ts';
import { leafHash } from './tree-hash.ts';
import { verifyInclusion } from './tree-proof.ts';
import { isTreeNumber } from './tree-shape.ts';

const header = 'c2sp.org/tlog-proof@v1';

/** Bounds of a received proof. RFC 6962 trees of 2^63 leaves have paths of 63 hashes. */
export const proofLimits = { bytesMax: noteLimits.bytesMax + 16_384, hashesMax: 63 } as const;

/** An offline proof that an entry is in a ledger (C2SP tlog-proof): what a proof file says. */
export interface TlogProof {
  /** Whatever the writer added. Nothing vouches for it. */
  readonly extra: Uint8Array | null;
  readonly index: number;
  /** The audit path, the leaf's sibling first. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, as received. */
  readonly checkpoint: string;
}

/** The proof as a file. */
export function formatProof({ extra, index, hashes, checkpoint }: TlogProof): string {
  assert(isTreeNumber(index) && hashes.length <= proofLimits.hashesMax, 'a proof has an index and a path');
  const extraLine = extra === null ? [] : [`extra ${encodeBase64(extra)}`];
  return [header, ...extraLine, `index ${index}`, ...hashes.map(encodeBase64), '', checkpoint].join('\n');
}

/** Reads a proof file. Throws `malformed` for all but its one spelling; the checkpoint is not read yet. */
export function parseProof(received: Uint8Array | string): TlogProof {
  const text = textOf(received, proofLimits.bytesMax);
  const blank = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(blank, 0)).split('\n');
  if (first !== header) throw new LedgerError('malformed', `A proof file begins with ${header}.`);
  const extra = lines[0]?.startsWith('extra ') ? decodeBase64(lines.shift()?.slice(6) ?? '') : null;
  const index = lines.shift();
  if (!index?.startsWith('index '))
    throw new LedgerError('malformed', 'A proof file names the index of its leaf.');
  return {
    extra,
    index: decodeNumber(index.slice(6)),
    hashes: decodeHashes(lines),
    checkpoint: text.slice(blank + 2),
  };
}

/** The hashes of a proof, a line each. Throws `malformed`, also for more than 63. */
export function decodeHashes(lines: readonly string[]): Uint8Array[] {
  if (lines.length > proofLimits.hashesMax) {
    throw new LedgerError('malformed', 'A proof has at most 63 hashes.');
  }
  return lines.map(decodeHash);
}

/** A witness: a member, with a key that it cosigns with. */
export interface Witness {
  readonly member: string;
  readonly key: NoteKey;
}

/** What a proof is judged by. None of it comes from the proof. */
export interface ProofTrust {
  readonly ledger: KnownLedger;
  readonly witnesses: readonly Witness[];
  readonly quorum: QuorumRule;
}

/** What a proof has shown. */
export interface ProvenEntry {
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  /** The members that saw this tree, each with the time of its earliest cosignature in seconds. */
  readonly cosignedBy: readonly { readonly witness: string; readonly time_s: number }[];
}

/**
 * Shows that `entry` is in the ledger, in a tree that enough witnesses saw. Throws `malformed`,
 * `origin_unexpected`, `signature_missing`, `signature_invalid`, `quorum_missing` or `proof_invalid`.
 */
export function verifyProof(
  proof: Uint8Array | string,
  entry: Uint8Array,
  { ledger, witnesses, quorum }: ProofTrust,
): ProvenEntry {
  const { index, hashes, checkpoint } = parseProof(proof);
  const signed = openCheckpoint(checkpoint, ledger);
  const { size, root } = signed;
  const cosignedBy = countedCosigners(signed, witnesses);
  const members = cosignedBy.map(({ witness }) => witness);
  if (!isWitnessed(members, quorum)) throw new LedgerError('quorum_missing');
  verifyInclusion({ index, size, leaf: leafHash(entry), root, proof: hashes });
  return { index, size, root, cosignedBy };
}

/**
 * Whether a proof shows that `entry` is in the ledger: false while too few witnesses have cosigned, which may
 * be a matter of a second. Throws the other codes of `verifyProof`.
 */
export function isProven(proof: Uint8Array | string, entry: Uint8Array, trust: ProofTrust): boolean {
  try {
    verifyProof(proof, entry, trust);
    return true;
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'quorum_missing') return false;
    throw error;
  }
}

/** Whether the witnesses that are known could make a checkpoint count, if all of them cosigned. */
export function canBeProven({ witnesses, quorum }: Pick<ProofTrust, 'witnesses' | 'quorum'>): boolean {
  return isWitnessed(
    witnesses.map(({ member }) => member),
    quorum,
  );
}

/**
 * The members among the witnesses whose cosignatures count: all where a key of the ledger has signed, the
 * early ones where only a retired key has. Throws as `verifyCosignatures` does.
 */
export function countedCosigners(
  { note, until_s = Infinity }: SignedCheckpoint,
  witnesses: readonly Witness[],
): ProvenEntry['cosignedBy'] {
  return cosigners(note, witnesses).filter(({ time_s }) => time_s <= until_s);
}

/** The members among the witnesses that have cosigned, each once. Throws as `verifyCosignatures` does. */
export function cosigners(note: Note, witnesses: readonly Witness[]): ProvenEntry['cosignedBy'] {
  const times = new Map<string, number>();
  for (const { member, key } of witnesses) {
    for (const { time_s } of verifyCosignatures(note, [key])) {
      times.set(member, Math.min(time_s, times.get(member) ?? time_s));
    }
  }
  return Array.from(times, ([witness, time_s]) => ({ witness, time_s }));
}
