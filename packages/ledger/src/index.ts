export { encodeBase64 } from './bytes.ts';
export { formatCheckpoint, openCheckpoint, parseCheckpoint } from './checkpoint.ts';
export type { Checkpoint, KnownLedger, SignedCheckpoint } from './checkpoint.ts';
export { cosign, verifyCosignatures } from './cosignature.ts';
export type { Cosignature } from './cosignature.ts';
export { digestOf, entryOf } from './entry.ts';
export { emptyEdge, growEdge, openTiles } from './edge.ts';
export type { Edge, FullTile, HashTile } from './edge.ts';
export { proveLedger } from './fsck.ts';
export type { LedgerReader, Stretch } from './fsck.ts';
export type { Signers } from './fsck-checkpoint.ts';
export { Findings } from './fsck-findings.ts';
export type { Finding } from './fsck-findings.ts';
export { firstDifference, tileHashes, wholeTile } from './fsck-tile.ts';
export type { StoredCheckpoint, StoredTile } from './fsck-tile.ts';
export { appendLeaves, frontierNodes, frontierOf, rootOf } from './frontier.ts';
export type { Frontier, TreeNode } from './frontier.ts';
export type { LeafOpening } from './leaf.ts';
export { ledgerOrigin, witnessName } from './ledger-name.ts';
export { LedgerError } from './ledger-error.ts';
export type { LedgerErrorCode } from './ledger-error.ts';
export {
  formatNote,
  formatSignatures,
  noteLimits,
  parseNote,
  parseSignatures,
  signNote,
  verifyNote,
} from './note.ts';
export type { Note, NoteSignature } from './note.ts';
export { formatVerifierKey, noteKey, noteSigner, parseVerifierKey } from './note-key.ts';
export type { NoteKey, NoteSigner } from './note-key.ts';
export { placeLeaves } from './order.ts';
export type { PlacedLeaf } from './order.ts';
export { isWitnessed, witnessTime } from './quorum.ts';
export type { QuorumRule } from './quorum.ts';
export {
  bundleBytes,
  bundleEntries,
  grownTiles,
  nodeInTile,
  nodesInTile,
  tileBytes,
  tileNodes,
  tileOfNode,
} from './tile.ts';
export type { Tile } from './tile.ts';
export { parseTilePath, tilePath } from './tile-path.ts';
export { cosigners, decodeHashes, formatProof, parseProof, proofLimits, verifyProof } from './tlog-proof.ts';
export type { ProofTrust, ProvenEntry, TlogProof, Witness } from './tlog-proof.ts';
export { emptyRoot, leafHash } from './tree-hash.ts';
export { consistencyNodes, consistencyProof, inclusionNodes, inclusionProof } from './tree-proof.ts';
export { verifyConsistency, verifyInclusion } from './tree-proof.ts';
export type { Consistency, Inclusion, ReadNode } from './tree-proof.ts';
export type { NodeId } from './tree-shape.ts';
export { formatWitnessRequest, parseWitnessRequest } from './witness-request.ts';
export type { WitnessRequest } from './witness-request.ts';
export { canBeProven, countedCosigners, isProven } from './tlog-proof.ts';
