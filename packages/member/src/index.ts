export type { LeafOpening } from '@causeway/ledger';
export type { BlindReferences } from './blind-references.ts';
export { createDirectoryClient } from './directory-client.ts';
export type { DirectoryClient } from './directory-client.ts';
export { asPart, insertLeaves, stageLeaf, stageLeafOn, withHotReceipts, withReceipts } from './leaves.ts';
export type { LeafReceipt, StageHotLeaf, StageLeaf } from './leaves.ts';
export { burySubject } from './erasure/bury-subject.ts';
export { erasureRoute } from './erasure/erasure-route.ts';
export { openSubjectKeys } from './erasure/open-subject-keys.ts';
export type { KeptHere } from './erasure/restriction.ts';
export { openLedgerStore } from './ledger/ledger-store.ts';
export type { LedgerStore } from './ledger/ledger-store.ts';
export { openNode } from './node.ts';
export type { Node } from './node.ts';
export { recordOnce } from './once.ts';
export { startSequencer } from './sequencer.ts';
export type { Sequencer } from './sequencer.ts';
export { adoptedVersion, checkActiveMember } from './status-check.ts';
export {
  batchStatus,
  lockBatchExclusive,
  lockBatchShared,
  lockSubjectsExclusive,
  lockSubjectsOn,
  lockSubjectsShared,
  memberKey,
  subjectStop,
} from './status-lock.ts';
export type { Releasing, Standing, Stopped } from './status-lock.ts';
export { statusRoute } from './status-route.ts';
