// What the second verifier makes of each kind of vector.
import type {
  GivenConsistency,
  GivenGrowth,
  GivenInclusion,
  GivenLedger,
  GivenProof,
  GivenQuorum,
  GivenWitnesses,
  VectorName,
} from '../../scripts/vectors/ledger-judges.ts';
import { numberedEntry } from '../../scripts/vectors/sample-tree.ts';
import {
  judge,
  sentBytes,
  type Judge,
  type Outcome,
  type Sent,
  type Values,
} from '../../scripts/vectors/vector.ts';
import * as second from './verifier.mjs';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const hashes = (texts: readonly string[]): Uint8Array[] => texts.map(second.hashOf);
const ledgerOf = ({ origin, ledger_keys }: GivenLedger) => ({ origin, ledger_keys: [...ledger_keys] });
const keyTypes = { note: 1, cosignature: 4 };

/** Each by the name of its file. */
export const secondJudges: Record<VectorName, Judge> = {
  roots: judge<{ count: number }>(({ count }) => {
    const leaves = Array.from({ length: count }, (_, n) => second.leafHash(numberedEntry(n)));
    return { root: base64(second.rootOf(leaves)) };
  }),
  digests: judge<{ digest: string }>(({ digest }) => {
    const entry = second.entryOf(digest);
    return { entry: base64(entry), leaf_hash: base64(second.leafHash(entry)) };
  }),
  inclusion: judge<GivenInclusion>(({ index, size, entry, root, proof }) => {
    const claim = { entry: second.hashOf(entry), root: second.hashOf(root), proof: hashes(proof) };
    second.verifyInclusion({ index, size, ...claim });
    return {};
  }),
  consistency: judge<GivenConsistency>(({ old_size, old_root, new_size, new_root, proof }) => {
    const roots = { old_root: second.hashOf(old_root), new_root: second.hashOf(new_root) };
    second.verifyConsistency({ old_size, new_size, ...roots, proof: hashes(proof) });
    return {};
  }),
  'tile-paths': judge<{ path: string }>(({ path }) => second.readTilePath(path)),
  'tile-of-node': judge<{ level: number; index: number; size: number }>(({ level, index, size }) => ({
    path: second.tilePathOf(level, index, size),
  })),
  tiles: judge<{ path: string; tile: Sent; level: number; index: number }>((given) => {
    const { path, tile, level, index } = given;
    return { hash: base64(second.nodeInTile(path, sentBytes(tile), level, index)) };
  }),
  bundles: judge<{ path: string; bundle: Sent }>(({ path, bundle }) => ({
    digests: second
      .readBundle(path, sentBytes(bundle))
      .map((entry) => `sha-256:${Buffer.from(entry).toString('base64url')}`),
  })),
  'verifier-keys': judge<{ key: string; of: keyof typeof keyTypes }>(({ key, of }) => {
    const { name, id, publicKey } = second.readVerifierKey(key, keyTypes[of]);
    return { name, id, public_key: base64(publicKey) };
  }),
  notes: judge<{ note: Sent; keys: string[] }>(({ note, keys }) => {
    const read = second.readNote(sentBytes(note));
    const signed_by = second.verifyNote(read, keys).map((key) => key.split('+')[0] ?? '');
    return { text_bytes: Buffer.byteLength(read.text), signed_by };
  }),
  checkpoints: judge<GivenLedger & { checkpoint: Sent }>((given) => {
    const { origin, size, root, extensions } = second.openCheckpoint(
      sentBytes(given.checkpoint),
      ledgerOf(given),
    );
    return { origin, size, root: base64(root), extensions };
  }),
  growth: judge<GivenGrowth>((given) => {
    const [older, newer] = [sentBytes(given.older), sentBytes(given.newer)];
    second.verifyGrowth(older, newer, hashes(given.proof), ledgerOf(given));
    return {};
  }),
  cosignatures: judge<GivenWitnesses & { checkpoint: Sent }>(({ checkpoint, witnesses }) => ({
    cosigned_by: second.cosigners(second.readNote(sentBytes(checkpoint)), witnesses),
  })),
  quorum: judge<GivenQuorum & { members: readonly string[] }>(({ members, ...rule }) => {
    second.judgeQuorum(members, rule);
    return {};
  }),
  proofs: judge<GivenProof>((given) => {
    const { operator, authority } = given;
    const trust = { ...ledgerOf(given), witnesses: [...given.witnesses], operator, authority };
    const proven = second.verifyProof(sentBytes(given.proof), second.entryOf(given.digest), trust);
    return { ...proven, root: base64(proven.root) };
  }),
  requests: judge<{ request: Sent }>(({ request }) => {
    const { old_size, hashes: proof, checkpoint } = second.readRequest(sentBytes(request));
    const { origin, size, root } = checkpoint;
    return { old_size, proof: proof.map(base64), origin, size, root: base64(root) };
  }),
};

/** What the second verifier makes of what is given. */
export function secondOutcome(judged: Judge, given: Values): Outcome {
  try {
    return { shown: judged(given) };
  } catch (error) {
    if (error instanceof second.Refusal) return { refused: error.code };
    throw error;
  }
}
