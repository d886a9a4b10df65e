export { decodeBase64url, encodeBase64url } from './base64url.ts';
export { digestOf, digestPattern, isDigest, sha256Digest, type Digest } from './digest.ts';
export { CausewayError, isErrorCode, type ErrorCode } from './errors.ts';
export { type KeyEntry, type KeyLookup } from './key-lookup.ts';
export {
  checkPublicKey,
  generateKey,
  kidOf,
  memberOfKid,
  signingKeyFromJwk,
  thumbprint,
  type PrivateJwk,
  type PublicJwk,
  type SigningKey,
} from './keys.ts';
export { checkAssertion, type PasskeyAssertion, type PasskeyParty } from './passkey-assertion.ts';
export { type PasskeyJwk } from './passkey-key.ts';
export { passkeyProofSchema, pinAt, pinnedWith, type PasskeyProof, type Pin } from './passkey-proof.ts';
export { problem, type Problem } from './problem.ts';
export {
  compose,
  sign,
  signComposed,
  signDisclosure,
  type Composed,
  type Signed,
  type UnsignedClaims,
} from './sign.ts';
export { chooseKey, type SigningKeys, type SignsWith } from './signing-keys.ts';
export { standingKeys } from './standing-keys.ts';
export {
  isStatementType,
  statementTypes,
  statementUses,
  type ClaimsOf,
  type Role,
  type StatementType,
} from './statement-types.ts';
export { type Ack } from './statements/ack.ts';
export { type Batch } from './statements/batch.ts';
export { type Consent } from './statements/consent.ts';
export { type Correction } from './statements/correction.ts';
export { type Directory } from './statements/directory.ts';
export { type Disclosure } from './statements/disclosure.ts';
export { type DisputeStatement } from './statements/dispute.ts';
export { enrolmentContent, type Enrolment } from './statements/enrolment.ts';
export { type Erasure } from './statements/erasure.ts';
export { type Grant } from './statements/grant.ts';
export { type Handling } from './statements/handling.ts';
export { type Inquiry } from './statements/inquiry.ts';
export { powers, type Mandate, type Power } from './statements/mandate.ts';
export { type Refusal } from './statements/refusal.ts';
export { type Report } from './statements/report.ts';
export { isOpening, type Status, type StopAction } from './statements/status.ts';
export { parseStrictJson } from './strict-json.ts';
export { readUnverified, verify, type Verified, type VerifyContext } from './verify.ts';
export { additions, narrowed } from './directory-change.ts';
export { buildView, nodesIn, verifyDirectory, type DirectoryView } from './directory.ts';
export { ledgerTrust, verifierKeys, type LedgerDirectory, type LedgerTrust } from './ledger-trust.ts';
export {
  entryDigest,
  memberEntrySchema,
  parseMemberEntry,
  type KeyUse,
  type MemberEntry,
  type MemberKey,
} from './member-entry.ts';
export { rootFingerprint, signRoot, type RootFile, type RootPayload } from './root.ts';
export { verifyRoot, type TrustedRoot } from './root-chain.ts';
export { epochOf, isSubjectRef } from './subject-ref.ts';
export { checkEvidenceBundle, type EvidenceBundle } from './evidence-bundle.ts';
export { proveBundle } from './evidence-assembly.ts';
export { statementsIn, type LeafedStatement } from './evidence-statements.ts';
export { verifyBundle, type EvidenceVerdict } from './evidence.ts';
export { linkConsent, linkDisclosure, linkGrant, linkReport } from './links.ts';
export { officersMin, signedActSchema, type SignedAct } from './officer-act.ts';
export { verifyWarrant, type SoundWarrant, type Warrant } from './warrant.ts';
