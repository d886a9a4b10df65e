import { formatCheckpoint } from './checkpoint.ts';
import { cosign } from './cosignature.ts';
import { entryOf } from './entry.ts';
import { appendLeaves, frontierOf, rootOf } from './frontier.ts';
import { formatNote, signNote } from './note.ts';
import { noteSigner, type NoteSigner } from './note-key.ts';
import { formatProof } from './tlog-proof.ts';
import { leafHash } from './tree-hash.ts';
import { inclusionProof } from './tree-proof.ts';

/** The key of this name that a seed gives, always the same. */
export function signerOf(name: string, type: 'note' | 'cosignature', seed: string = name): NoteSigner {
  const bytes = new Uint8Array(32);
  bytes.set(new TextEncoder().encode(seed.slice(-32)));
  return noteSigner(name, type, bytes);
}

interface Made {
  readonly origin: string;
  readonly signer: NoteSigner;
  /** All leaves of the tree, by digest. */
  readonly leaves: readonly string[];
  /** The one that is proven. */
  readonly leaf: string;
  readonly by: readonly NoteSigner[];
}

/** A proof file as a ledger with these leaves would serve it. */
export function proofFile({ origin, signer, leaves, leaf, by }: Made): string {
  const { frontier, nodes } = appendLeaves(
    frontierOf(0, []),
    leaves.map((digest) => leafHash(entryOf(digest))),
  );
  const known = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  const text = formatCheckpoint({ origin, size: leaves.length, root: rootOf(frontier), extensions: [] });
  const note = signNote(text, [signer]);
  const lines = by.map((witness) => cosign(text, witness, 1_795_000_000));
  const checkpoint = formatNote({ ...note, signatures: [...note.signatures, ...lines] });
  const index = leaves.indexOf(leaf);
  const hashes = inclusionProof(index, leaves.length, (level, at) => known.get(`${level}/${at}`));
  return formatProof({ extra: null, index, hashes, checkpoint });
}
