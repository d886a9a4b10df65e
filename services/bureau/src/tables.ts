import type { Digest } from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';
import type { GeneratedAlways } from 'kysely';

/** Rows as PostgreSQL holds them; they stay in the repositories. Times in ms since the epoch. */
export interface BureauTables {
  mapping: { digest: Digest; body: string; created_ms: number };
  batch: BatchRow;
  rejection: RejectionRow;
  subject: { subject_ref: string; kind: 'person' | 'enterprise' };
  record: RecordRow;
  answer: AnswerRow;
  roster: { subject_ref: string; sealed: Buffer };
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

interface RecordRow {
  subject_ref: string;
  record: CreditRecord['record'];
  source_record_id: string;
  as_of: string;
  body: CreditRecord;
  batch: number;
  opened_by: string | null;
}

interface AnswerRow {
  subject_ref: string;
  inquiry: Digest;
  use: number;
  state: 'reserved' | 'disclosed' | 'refused';
  lender: string;
  presenter: string;
  grant_digest: Digest;
  outcome: string | null;
  digest: Digest | null;
  statement: Buffer | null;
  reserved_ms: number;
  answered_ms: number | null;
  purge_at_ms: number;
}
