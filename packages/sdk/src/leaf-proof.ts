import {
  LedgerError,
  cosigners,
  entryOf,
  isWitnessed,
  leafHash,
  openCheckpoint,
  parseProof,
  verifyInclusion,
} from '@causeway/ledger';
import { equalBytes } from '@causeway/ledger/bytes';
import type { LedgerTrust } from '@causeway/protocol';

/** A ledger's tree as one of its checkpoints has it. */
export interface SeenTree {
  readonly size: number;
  /** Root hash, 32 bytes. */
  readonly root: Uint8Array;
  /** The signed checkpoint, with its cosignatures, as received. */
  readonly checkpoint: string;
}

/** What a proof file has shown of a leaf. */
export interface ProvenLeaf extends SeenTree {
  /** Whose ledger it is. */
  readonly ledger: string;
  readonly leaf: string;
  /** Its place, from 0. */
  readonly index: number;
  /** Members other than the operator that saw this tree, each with the time of its earliest cosignature. */
  readonly witnesses: readonly { readonly member: string; readonly at: string }[];
  /** Whether they are enough (protocol, section 7). Where not, the ledger's operator alone vouches for it. */
  readonly witnessed: boolean;
}

/**
 * Shows offline that a leaf, named by the digest that one expects, is in a ledger. Too few witnesses are no
 * failure, but told: a checkpoint is a second old before they have seen it.
 *
 * @throws LedgerError `malformed`, `origin_unexpected`, `signature_missing`, `signature_invalid`,
 *   `proof_invalid`
 */
export function verifyLeafProof(proof: string | Uint8Array, leaf: string, trust: LedgerTrust): ProvenLeaf {
  const entry = entryOf(leaf);
  const { checkpoint, hashes, index } = parseProof(proof);
  const { size, root, note } = openCheckpoint(checkpoint, trust.ledger);
  const { operator } = trust.quorum;
  const by = cosigners(note, trust.witnesses).filter(({ witness }) => witness !== operator);
  verifyInclusion({ index, size, leaf: leafHash(entry), root, proof: hashes });
  const witnessed = isWitnessed(
    by.map(({ witness }) => witness),
    trust.quorum,
  );
  const witnesses = by.map(({ witness: member, time_s }) => ({ member, at: timeOf(time_s) }));
  return { ledger: trust.member, leaf, index, size, root, checkpoint, witnesses, witnessed };
}

/**
 * Reads a checkpoint that was kept, under the ledger's key.
 *
 * @throws LedgerError as `openCheckpoint`
 */
export function openTree(checkpoint: string, trust: LedgerTrust): SeenTree {
  const { size, root } = openCheckpoint(checkpoint, trust.ledger);
  return { size, root, checkpoint };
}

/** Fails where two trees of one size have two roots; other sizes say nothing without the node. */
export function compareOffline(
  one: Pick<SeenTree, 'root' | 'size'>,
  other: Pick<SeenTree, 'root' | 'size'>,
): 'same' | 'unproven' {
  if (one.size !== other.size) return 'unproven';
  if (!equalBytes(one.root, other.root)) throw new LedgerError('proof_invalid');
  return 'same';
}

/** The last second that a Date can hold; a cosignature may name a later one. */
const lastSecond = 8_640_000_000_000;

function timeOf(time_s: number): string {
  if (time_s > lastSecond) throw new LedgerError('malformed', 'A cosignature is of a time that never comes.');
  return new Date(time_s * 1000).toISOString();
}
