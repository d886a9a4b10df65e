export { LedgerError } from '@causeway/ledger';
export {
  CausewayError,
  type Digest,
  type DirectoryView,
  type LedgerTrust,
  ledgerTrust,
  verifierKeys,
} from '@causeway/protocol';
export { type Category, type Purpose, categories, purposeCodes } from '@causeway/records';
export type { Access } from './access.ts';
export type { AssistanceTerms, SignedAssistance } from './assisted-consents.ts';
export { Directory } from './directory.ts';
export {
  type DeskAct,
  type DeskDispute,
  DisputeDesk,
  type SubjectDispute,
  SubjectDisputes,
  type WholeDispute,
  deskActs,
} from './disputes.ts';
export { verifyEvidence } from './evidence.ts';
export {
  type FileCheck,
  type PreviewedLine,
  PublishingRefusal,
  type RejectedLine,
  checkPublication,
  previewPublication,
  readMapping,
} from './file-check.ts';
export { Refused, json, send } from './http.ts';
export type { LineProof } from './history-proof.ts';
export type { InquiryView } from './inquiries.ts';
export { keyStates } from './key-states.ts';
export { keepDirectory, openKeptDirectory } from './kept-directory.ts';
export { type ProvenLeaf, type SeenTree, compareOffline, openTree } from './leaf-proof.ts';
export { type LedgerAudit, auditLedger, ledgerAt } from './ledger-audit.ts';
export { type AnsweredInquiry, Lender, type SignedInquiry } from './lender.ts';
export { proveLines } from './line-proofs.ts';
export { verifyProof } from './proof-file.ts';
export { Publisher, type BatchResult, type FileType, fileTypes } from './publisher.ts';
export type { DeliveredReport } from './reports.ts';
export {
  type Acknowledgement,
  type StopReceipt,
  SubjectClient,
  approvalNonce,
  freezeNonce,
  linkNonce,
  pauseNonce,
  resumptionNonce,
  revocationNonce,
  sessionNonce,
  thawNonce,
} from './subject.ts';
export { TokenClient } from './tokens.ts';
export { proveGrowth } from './tree-growth.ts';
