import type { Digest, ErrorCode } from '@causeway/protocol';
import type { Death, Lane } from '@causeway/service/queue';
import type { Generated } from 'kysely';

export type InquiryState = 'accepted' | 'running' | 'complete' | 'partial' | 'refused' | 'failed';

/** What a bureau's row says: the first two are open, the others final. */
export type BureauState =
  | 'waiting'
  | 'asking'
  | 'answered'
  | 'empty'
  | 'not_found'
  | 'refused'
  | 'frozen'
  | 'timeout'
  | 'error'
  | 'stale'
  | 'skipped';

/** Times are milliseconds since the epoch; Buffers are boxes sealed under the inquiry's data key. */
export interface InquiryTable {
  inquiry: string;
  id: string;
  lender: string;
  digest: Digest;
  data_key: Buffer;
  /** Of the subject, in whose key the data key is wrapped. */
  life: string;
  statement: Buffer;
  accepted_under: Digest;
  deadline_ms: number;
  accepted_ms: number;
  finished_ms: number | null;
  state: InquiryState;
  seq: number;
  use: number | null;
  code: ErrorCode | null;
  refusal: Buffer | null;
  refused_early: boolean;
}

export interface InquiryBureauTable {
  inquiry: string;
  bureau: string;
  state: BureauState;
  attempt: number;
  next_at_ms: number;
  seq: number;
  code: ErrorCode | null;
}

interface InquiryRoundTable {
  inquiry: string;
  round: Digest;
  box: Buffer;
}

interface InquiryDisclosureTable {
  inquiry: string;
  bureau: string;
  use: number;
  digest: Digest;
  disclosure: Buffer;
  grant_digest: Digest;
  verified_under: Digest;
  received_ms: number;
}

interface InquiryReportTable {
  inquiry: string;
  use: number;
  version: number;
  digest: Digest;
  report: Buffer;
  signed_under: Digest;
  signed_ms: number;
  disclosures: number;
}

interface InquiryOutboxTable {
  inquiry: string;
  next_at_ms: number;
  attempts: number;
  lane: Generated<Lane>;
  failures: Generated<number>;
}

interface DeadLetterTable {
  inquiry: string;
  reason: Death['reason'];
  code: ErrorCode;
  attempts: number;
  parked_ms: number;
  replayed_ms: number | null;
}

interface RefusalOutboxTable {
  inquiry: string;
  next_at_ms: number;
  attempt: number;
}

interface DirectoryArchiveTable {
  head_digest: Digest;
  version: number;
  head: string;
  entries: string[];
}

/** The broker's own tables; the member duties' tables live beside them in the same database. */
export interface BrokerTables {
  inquiry: InquiryTable;
  inquiry_bureau: InquiryBureauTable;
  inquiry_round: InquiryRoundTable;
  inquiry_disclosure: InquiryDisclosureTable;
  inquiry_report: InquiryReportTable;
  inquiry_outbox: InquiryOutboxTable;
  dead_letter: DeadLetterTable;
  refusal_outbox: RefusalOutboxTable;
  directory_archive: DirectoryArchiveTable;
}
