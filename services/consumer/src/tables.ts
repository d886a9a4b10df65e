import type { HistoryTerms } from '@causeway/policy';
import type { Digest, Status } from '@causeway/protocol';
import type { Category, Purpose } from '@causeway/records';
import type { DisputeState } from '@causeway/records/disputes/index';
import type { Generated } from 'kysely';
import type { AssistedRow, MandateRow } from './acting-rows.ts';
import type { ConsentChoice, DeclaredProduct, Frequency, OptionalParts } from './consent-requests/schema.ts';
import type { PasskeyNoticeRow, PasskeyRow, RegistrationRow } from './passkey-rows.ts';

/** Rows as PostgreSQL holds them; they stay in the repositories. Times in ms since the epoch. */
export interface ConsumerTables {
  consent_request: ConsentRequestRow;
  idempotency: IdempotencyRow;
  consent: ConsentRow;
  consent_use: { subject_ref: string; inquiry: string; consent: string; use: number; at_ms: number };
  grant_holder: GrantHolderRow;
  refusal: RefusalRow;
  access: AccessRow;
  subject_freeze: FreezeRow;
  freeze_window: WindowRow;
  stop: StopRow;
  status_delivery: DeliveryRow;
  subject_link: { subject_ref: string; first_ref: string; scheme: string; linked_ms: number };
  link_request: { subject_ref: string; id: string; scheme: string; expires_ms: number };
  basis_use: BasisUseRow;
  session: { token: string; subject_ref: string; expires_ms: number };
  used_id_token: { digest: string; expires_ms: number };
  dispute: DisputeRow;
  dispute_message: MessageRow;
  dispute_step: StepRow;
  correction: CorrectionRow;
  adverse_action: AdverseActionRow;
  subject_ref_cache: { identity: string; box: Buffer; subject: string };
  fraud_alert: FraudAlertRow;
  channel: ChannelRow;
  push: PushRow;
  follower: { subject_ref: string; id: string; until_ms: number };
  consent_notice: ConsentNoticeRow;
  consent_sweep: { single: boolean; until_ms: number };
  reminder_stop: { subject_ref: string; since_ms: number | null };
  late_line_sweep: { single: boolean; until_ms: number };
  passkey_registration: RegistrationRow;
  passkey: PasskeyRow;
  passkey_notice: PasskeyNoticeRow;
  own_report: OwnReportRow;
  mandate: MandateRow;
  mandate_code: { code: string; agent_ref: string; name: Buffer; expires_ms: number };
  guardianship_act: { jti: string; digest: string; mandate: string; at_ms: number };
  assisted_consent: AssistedRow;
  export_permit: { subject_ref: string; expires_ms: number };
  erasure: ErasureRow;
  erasure_delivery: ErasureDeliveryRow;
  erasure_proof: { digest: Digest; node: string; ack: string; at_ms: number };
}

export interface ErasureRow {
  id: string;
  refs: string[];
  freeze_id: string;
  asked_ms: number;
  due_ms: number;
  state: 'restricted' | 'erasing' | 'withdrawn';
}

export interface ErasureDeliveryRow {
  erasure: string;
  node: string;
  /** Of the statement that the node was last brought; null until it has acknowledged the restriction. */
  digest: Digest | null;
  statement: string | null;
  attempts: Generated<number>;
  next_ms: number;
  ack: string | null;
  acked_ms: number | null;
}

/** What the time alone has brought about for a consent. */
interface ConsentNoticeRow {
  subject_ref: string;
  consent: string;
  kind: 'expired' | 'reminder';
  number: number;
  at_ms: number;
}

/** An answer or a refusal, as it was first given. */
interface IdempotencyRow {
  lender: string;
  key: string;
  request_digest: string;
  answer: string | null;
  refusal: string | null;
  created_ms: number;
}

export interface ConsentRequestRow {
  subject_ref: string;
  id: string;
  lender: string;
  kind: 'query' | 'provide';
  purposes: Purpose[];
  categories: Category[];
  bureaus: string[];
  /** What the subject may leave out. */
  optional: OptionalParts | null;
  /** Of a request that was narrowed: what the lender had asked for. */
  asked: ConsentChoice | null;
  valid_days: number;
  fetch: 'once' | 'periodic';
  max_uses: number;
  frequency: Frequency | null;
  recipient_retention: string;
  language: 'zh-CN' | 'en';
  product: DeclaredProduct | null;
  /** Of a request to provide. */
  contract: string | null;
  form: string;
  form_digest: Digest;
  status: 'pending' | 'approved' | 'rejected';
  consent: Digest | null;
  created_ms: number;
  expires_ms: number;
}

export interface ConsentRow {
  subject_ref: string;
  digest: Digest;
  id: string;
  request: string;
  lender: string;
  kind: 'query' | 'provide';
  purposes: Purpose[];
  categories: Category[];
  bureaus: string[];
  valid_from_ms: number;
  valid_until_ms: number;
  max_uses: number;
  strength: 'passkey' | 'idp' | 'assisted';
  state: 'active' | 'paused' | 'revoked';
  state_since_ms: number;
  uses: number;
  statement: Buffer;
  evidence: Buffer;
  /** Under which mandate somebody else has given it. */
  mandate: Digest | null;
  /** When it was agreed to, where it is valid from later on only. */
  given_ms: number | null;
}

export interface GrantHolderRow {
  subject_ref: string;
  inquiry: string;
  node: string;
  consent: string;
  digest: string;
  expires_ms: number;
}

export interface RefusalRow {
  subject_ref: string;
  inquiry: string;
  use: number;
  iss: string;
  code: string;
  digest: string;
  statement: string;
}

export interface AccessRow {
  subject_ref: string;
  seq: Generated<number>;
  id: string;
  at_ms: number;
  lender: string;
  purpose: string;
  categories: string[];
  bureaus: string[];
  outcome: 'granted' | 'refused';
  code: string | null;
  inquiry: string;
  use: number;
  decided_by: string;
  leaf: string;
  /** From when on the subject is shown the line; null at once. */
  shown_from_ms: number | null;
  /** How it is shown where that is not plainly; as policy was when the line was written. */
  shown_as: HistoryTerms | null;
}

export interface FreezeRow {
  subject_ref: string;
  id: string;
  exempt_purposes: string[];
  placed_ms: number;
  lifted_ms: number | null;
  /** It stands for an erasure. */
  restricts: Generated<boolean>;
}

export interface WindowRow {
  subject_ref: string;
  id: string;
  freeze_id: string;
  lender: string;
  sequence: number;
  from_ms: number;
  until_ms: number;
  ended_ms: number | null;
}

export interface FraudAlertRow {
  subject_ref: string;
  id: string;
  words: Buffer;
  placed_ms: number;
  until_ms: number;
  ended_ms: number | null;
}

export interface ChannelRow {
  subject_ref: string;
  id: string;
  kind: 'email' | 'webhook';
  target: Buffer;
  code: Buffer;
  tries: number;
  created_ms: number;
  confirmed_ms: number | null;
  removed_ms: number | null;
}

export interface PushRow {
  subject_ref: string;
  id: Generated<string>;
  channel: string;
  about:
    | 'access'
    | 'code'
    | 'added'
    | 'removed'
    | 'reminder'
    | 'passkey'
    | 'mandate'
    | 'assisted_code'
    | 'assisted';
  of_ref: string;
  object: string;
  attempts: Generated<number>;
  next_ms: Generated<number>;
  ended: Generated<'sent' | 'nothing' | 'failed' | null>;
  ended_ms: Generated<number | null>;
}

export interface StopRow {
  subject_ref: string;
  sequence: number;
  digest: Digest;
  action: Status['action'];
  consent: Digest | null;
  freeze_id: string | null;
  /** Of the receipt of a window: whose. */
  window_id: string | null;
  /** Of a freeze: it stands for an erasure. */
  restricts: boolean;
  statement: string;
  at_ms: number;
  mandate: Digest | null;
}

export interface DeliveryRow {
  subject_ref: string;
  sequence: number;
  node: string;
  awaited: boolean;
  live_until_ms: number | null;
  /** As `live_until_ms`, of the grants that the subject knew of at the stop. */
  told_until_ms: number | null;
  /** From when on the subject may know that the node was told. */
  shown_from_ms: number | null;
  statements: Generated<string[]>;
  attempts: Generated<number>;
  next_ms: number;
  ack: string | null;
  tree_size: number | null;
  acked_ms: number | null;
}

export interface OwnReportRow {
  subject_ref: string;
  id: string;
  inquiry: Digest;
  enrolment: Digest;
  bureaus: string[];
  state: 'composed' | 'asserted' | 'sent' | 'ready' | 'refused' | 'failed';
  code: string | null;
  began_ms: number;
  expires_ms: number;
  asserted_ms: number | null;
  statement: Buffer;
  proof: Buffer | null;
  version: number | null;
  partial: boolean | null;
  report: Buffer | null;
  kept_until_ms: number | null;
}

interface BasisUseRow {
  subject_ref: string;
  inquiry: string;
  basis: string;
  cited: string;
  lender: string;
  use: number;
  at_ms: number;
}

export interface DisputeRow {
  subject_ref: string;
  id: string;
  bureau: string;
  record: string;
  /** Digest of the report in which the subject saw the item, where they came from one. */
  report: Digest | null;
  reason: string;
  words: Buffer;
  digest: Digest;
  state: DisputeState;
  /** JSON of the dispute as the state machine holds it. */
  dossier: string;
  steps: number;
  received_ms: number;
  /** When the subject took it back; it ends once the bureau says so. */
  withdrawn_ms: number | null;
  /** Under which somebody has opened it for the subject, and under which it was taken back. */
  mandate: Digest | null;
  withdrawn_mandate: Digest | null;
}

interface MessageRow {
  subject_ref: string;
  dispute: string;
  n: number;
  statement: string;
  attempts: Generated<number>;
  next_ms: number;
  sent_ms: number | null;
}

export interface StepRow {
  subject_ref: string;
  dispute: string;
  step: number;
  event: string;
  digest: Digest;
  statement: string;
  reply: Buffer | null;
  at_ms: number;
  corrections: number;
}

export interface CorrectionRow {
  subject_ref: string;
  inquiry: string;
  handling: Digest;
  id: string;
  dispute: string;
  lender: string;
  statement: string;
  at_ms: number;
}

export type ReportCheck = 'unconfirmed' | 'confirmed' | 'denied';

export interface AdverseActionRow {
  subject_ref: string;
  id: string;
  lender: string;
  inquiry: string;
  report: Digest;
  decision: string;
  factors: string[];
  at_ms: number;
  /** What the broker's ledger says of the report. */
  checked: Generated<ReportCheck>;
  attempts: Generated<number>;
  /** When it is asked again; null where nothing is left to ask. */
  next_ms: number | null;
}
