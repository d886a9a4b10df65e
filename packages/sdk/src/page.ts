/**
 * What a page imports: checks that ask nobody. Nothing reached from here needs node or the network; bundled
 * under the condition `browser`, `#crypto` is JavaScript too.
 */
export { LedgerError } from '@causeway/ledger';
export { CausewayError, type Digest, ledgerTrust } from '@causeway/protocol';
export type { Access, ShownLate } from './access.ts';
export { type LineProof, verifyHistory } from './history-proof.ts';
export { fingerprintOf, openKeptDirectory } from './kept-directory.ts';
export { type ProvenLeaf, compareOffline, openTree } from './leaf-proof.ts';
export { verifyProof } from './proof-file.ts';
