// What packages/ledger makes of each kind of vector.
import {
  bundleEntries,
  cosigners,
  digestOf,
  entryOf,
  isWitnessed,
  leafHash,
  LedgerError,
  nodeInTile,
  openCheckpoint,
  parseNote,
  parseTilePath,
  parseVerifierKey,
  parseWitnessRequest,
  tileOfNode,
  tilePath,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
  verifyProof,
  type KnownLedger,
  type NoteKey,
  type Witness,
} from '@causeway/ledger';
import { decodeHash, encodeBase64, utf8 } from '@causeway/ledger/bytes';

import { rootOfNumbered } from './sample-tree.ts';
import { judge, sentBytes, type Judge, type Sent } from './vector.ts';

export interface GivenInclusion {
  readonly index: number;
  readonly size: number;
  readonly entry: string;
  readonly root: string;
  readonly proof: readonly string[];
}

export interface GivenConsistency {
  readonly old_size: number;
  readonly old_root: string;
  readonly new_size: number;
  readonly new_root: string;
  readonly proof: readonly string[];
}

export interface GivenLedger {
  readonly origin: string;
  readonly ledger_keys: readonly string[];
}

export interface GivenWitnesses {
  readonly witnesses: readonly { readonly member: string; readonly key: string }[];
}

export interface GivenQuorum {
  readonly operator: string;
  readonly authority: string;
}

export interface GivenProof extends GivenLedger, GivenWitnesses, GivenQuorum {
  readonly proof: Sent;
  readonly digest: string;
}

export interface GivenGrowth extends GivenLedger {
  readonly older: Sent;
  readonly newer: Sent;
  readonly proof: readonly string[];
}

/** Each by the name of its file. */
export const ledgerJudges = {
  roots: judge<{ count: number }>(({ count }) => ({ root: encodeBase64(rootOfNumbered(count)) })),
  digests: judge<{ digest: string }>(({ digest }) => {
    const entry = entryOf(digest);
    return { entry: encodeBase64(entry), leaf_hash: encodeBase64(leafHash(entry)) };
  }),
  inclusion: judge<GivenInclusion>(({ index, size, entry, root, proof }) => {
    const leaf = leafHash(decodeHash(entry));
    verifyInclusion({ index, size, leaf, root: decodeHash(root), proof: proof.map(decodeHash) });
    return {};
  }),
  consistency: judge<GivenConsistency>((given) => {
    const roots = { oldRoot: decodeHash(given.old_root), newRoot: decodeHash(given.new_root) };
    const sizes = { oldSize: given.old_size, newSize: given.new_size };
    verifyConsistency({ ...sizes, ...roots, proof: given.proof.map(decodeHash) });
    return {};
  }),
  'tile-paths': judge<{ path: string }>(({ path }) => ({ ...parseTilePath(path) })),
  'tile-of-node': judge<{ level: number; index: number; size: number }>(({ level, index, size }) => ({
    path: tilePath(tileOfNode({ level, index }, size)),
  })),
  tiles: judge<{ path: string; tile: Sent; level: number; index: number }>((given) => {
    const node = { level: given.level, index: given.index };
    const hash = nodeInTile(parseTilePath(given.path), sentBytes(given.tile), node);
    return { hash: encodeBase64(hash) };
  }),
  bundles: judge<{ path: string; bundle: Sent }>(({ path, bundle }) => ({
    digests: bundleEntries(sentBytes(bundle), parseTilePath(path).width).map(digestOf),
  })),
  'verifier-keys': judge<{ key: string; of: string }>(({ key: text, of }) => {
    const key = parseVerifierKey(text);
    if (key.type !== of) throw new LedgerError('malformed');
    return { name: key.name, id: key.id, public_key: encodeBase64(key.publicKey) };
  }),
  notes: judge<{ note: Sent; keys: readonly string[] }>(({ note, keys }) => {
    const parsed = parseNote(sentBytes(note));
    const signed = verifyNote(parsed, keys.map(parseVerifierKey));
    return { text_bytes: utf8(parsed.text).length, signed_by: signed.map(({ name }) => name) };
  }),
  checkpoints: judge<GivenLedger & { checkpoint: Sent }>((given) => {
    const opened = openCheckpoint(sentBytes(given.checkpoint), ledgerIn(given));
    const { origin, size, root, extensions } = opened;
    return { origin, size, root: encodeBase64(root), extensions };
  }),
  growth: judge<GivenGrowth>((given) => {
    const [older, newer] = [given.older, given.newer].map((sent) =>
      openCheckpoint(sentBytes(sent), ledgerIn(given)),
    );
    if (!older || !newer) throw new Error('two checkpoints were opened');
    verifyConsistency({
      oldSize: older.size,
      oldRoot: older.root,
      newSize: newer.size,
      newRoot: newer.root,
      proof: given.proof.map(decodeHash),
    });
    return {};
  }),
  cosignatures: judge<GivenWitnesses & { checkpoint: Sent }>((given) => ({
    cosigned_by: cosignedBy(cosigners(parseNote(sentBytes(given.checkpoint)), witnessesIn(given))),
  })),
  quorum: judge<GivenQuorum & { members: readonly string[] }>(({ members, operator, authority }) => {
    if (!isWitnessed(members, { operator, authority })) throw new LedgerError('quorum_missing');
    return {};
  }),
  proofs: judge<GivenProof>((given) => {
    const { operator, authority } = given;
    const trust = {
      ledger: ledgerIn(given),
      witnesses: witnessesIn(given),
      quorum: { operator, authority },
    };
    const proven = verifyProof(sentBytes(given.proof), entryOf(given.digest), trust);
    const { index, size, root } = proven;
    return { index, size, root: encodeBase64(root), cosigned_by: cosignedBy(proven.cosignedBy) };
  }),
  requests: judge<{ request: Sent }>(({ request }) => {
    const { oldSize, proof, checkpoint } = parseWitnessRequest(sentBytes(request));
    const { origin, size, root } = checkpoint;
    return { old_size: oldSize, proof: proof.map(encodeBase64), origin, size, root: encodeBase64(root) };
  }),
} satisfies Record<string, Judge>;

export type VectorName = keyof typeof ledgerJudges;

function ledgerIn({ origin, ledger_keys }: GivenLedger): KnownLedger {
  return { origin, keys: keysIn(ledger_keys) };
}

function witnessesIn({ witnesses }: GivenWitnesses): Witness[] {
  return witnesses.map(({ member, key }) => ({ member, key: parseVerifierKey(key) }));
}

function keysIn(keys: readonly string[]): NoteKey[] {
  return keys.map(parseVerifierKey);
}

function cosignedBy(
  cosigned: readonly { witness: string; time_s: number }[],
): { member: string; time_s: number }[] {
  return cosigned.map(({ witness, time_s }) => ({ member: witness, time_s }));
}
