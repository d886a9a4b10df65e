import type { Digest } from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';
import type { DisputeState } from '@causeway/records/disputes/index';
import type { Generated, GeneratedAlways } from 'kysely';

/** Rows as PostgreSQL holds them; they stay in the repositories. Times in ms since the epoch. */
export interface BureauTables {
  mapping: { digest: Digest; body: string; created_ms: number };
  batch: BatchRow;
  rejection: RejectionRow;
  subject: { subject_ref: string; kind: 'person' | 'enterprise' };
  record: RecordRow;
  record_version: VersionRow;
  tombstone: TombstoneRow;
  mark: MarkRow;
  batch_warning: WarningRow;
  batch_upload: UploadRow;
  batch_sign_off: SignOffRow;
  disappeared: DisappearedRow;
  answer: AnswerRow;
  quality_count: { provider: string; month: string; counter: string; n: number };
  roster: { subject_ref: string; sealed: Buffer };
  native_item: NativeItemRow;
  staff_session: StaffSessionRow;
  used_staff_token: { digest: string; expires_ms: number };
  staff_read: StaffReadRow;
  dispute: DisputeRow;
  dispute_step: StepRow;
  enrolment_pin: PinRow;
}

export interface BatchRow {
  id: GeneratedAlways<number>;
  digest: Digest;
  mapping: Digest;
  state: 'running' | 'complete';
  spool: string;
  columns: string[];
  bytes: number;
  next_offset: number;
  next_line: number;
  lines: number;
  accepted: number;
  rejected: number;
  subjects: number;
  started_ms: number;
  finished_ms: number | null;
  stored_under: string[] | null;
  again: boolean;
  warnings: Generated<number>;
  deleted: Generated<number>;
  disappeared: Generated<number | null>;
  /** The signed batch, and its digest; null for a file taken before batches were signed. */
  statement: string | null;
  statement_digest: Digest | null;
}

interface RejectionRow {
  batch: Digest;
  mapping: Digest;
  line: number;
  column_name: string | null;
  rule: string;
  pointer: string | null;
  message: string;
}

interface WarningRow {
  batch: Digest;
  mapping: Digest;
  line: number;
  rule: string;
  message: string;
}

interface UploadRow {
  batch: Digest;
  mapping: Digest;
  person: string;
  name: string;
  corrects: Digest | null;
  corrects_mapping: Digest | null;
  at_ms: number;
}

interface SignOffRow {
  batch: Digest;
  mapping: Digest;
  person: string;
  /** As it was typed. */
  name: string;
  statement_digest: Digest;
  bytes: number;
  lines: number;
  accepted: number;
  rejected: number;
  warnings: number;
  deleted: number;
  at_ms: number;
}

interface Keyed {
  subject_ref: string;
  record: CreditRecord['record'];
  source_record_id: string;
}

interface DisappearedRow extends Keyed {
  batch: number;
  n: number;
  as_of: string;
}

/** What a version and what is left of it have in common. */
interface Versioned extends Keyed {
  version: number;
  as_of: string;
  digest: string;
  valid_from_ms: number;
  expires_ms: number | null;
  delinquent_since: string | null;
}

interface RecordRow extends Versioned {
  body: string;
  batch: number;
  opened_by: string | null;
  due_ms: number | null;
  marks: string | null;
  behaviour: string | null;
}

interface VersionRow extends Versioned {
  body: string;
  batch: number;
  behaviour: string | null;
  valid_to_ms: number;
}

interface TombstoneRow extends Versioned {
  valid_to_ms: number;
  rule: string;
  buried_ms: number;
}

interface MarkRow extends Keyed {
  mark: string;
  body: string;
  from_ms: number;
  ended_ms: number | null;
}

/** A disputed item of a native system, under one reference of its subject. */
export interface NativeItemRow {
  subject_ref: string;
  record: CreditRecord['record'];
  record_id: string;
  dispute: string;
  /** Over what it said; null where whatever it says is meant. */
  digest: Digest | null;
  state: 'marked' | 'noted' | 'corrected' | 'withheld' | 'over';
  added_on: string;
  from_ms: number;
  state_ms: number;
}

interface StaffSessionRow {
  token: string;
  member: string;
  issuer: string;
  person: string;
  name: string;
  roles: string[];
  expires_ms: number;
}

interface StaffReadRow {
  id: GeneratedAlways<number>;
  member: string | null;
  person: string;
  name: string | null;
  roles: string[];
  what: string;
  about: string | null;
  at_ms: number;
}

interface AnswerRow {
  subject_ref: string;
  inquiry: Digest;
  use: number;
  state: 'reserved' | 'disclosed' | 'refused';
  lender: string;
  presenter: string;
  purpose: string | null;
  grant_digest: Digest;
  outcome: string | null;
  digest: Digest | null;
  statement: Buffer | null;
  reserved_ms: number;
  answered_ms: number | null;
  purge_at_ms: number;
}

export interface DisputeRow {
  subject_ref: string;
  id: string;
  digest: Digest;
  iss: string;
  /** The item as the subject named it. */
  record: string;
  /** JSON of the keys under which it is stored, in several epochs of references. */
  keys: string;
  categories: string[];
  reason: string;
  words: Buffer;
  provider: string | null;
  state: DisputeState;
  /** JSON of the dispute as the state machine holds it. */
  dossier: string;
  handler: string | null;
  mark: string | null;
  received_ms: number;
  due_ms: number | null;
  steps: number;
}

export interface StepRow {
  subject_ref: string;
  dispute: string;
  step: number;
  event: string;
  by_whom: string;
  reply: Buffer | null;
  recipients: string[];
  digest: Digest;
  statement: string;
  at_ms: number;
  attempts: Generated<number>;
  next_ms: number;
  sent_ms: number | null;
}

/** Times in seconds but for the last. */
interface PinRow {
  subject_ref: string;
  digest: Digest;
  credential_id: string;
  public_key: string;
  replaces: Digest | null;
  issued_at: number;
  counts_from: number;
  ended_at: number | null;
  pinned_ms: number;
}
