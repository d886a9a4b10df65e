import type { Digest, Power } from '@causeway/protocol';
import type { Purpose } from '@causeway/records';

/** That somebody may act for another, as PostgreSQL holds it. Times in ms since the epoch. */
export interface MandateRow {
  subject_ref: string;
  digest: Digest;
  id: string;
  agent_ref: string;
  kind: 'guardian' | 'attorney';
  powers: Power[];
  purposes: Purpose[] | null;
  from_ms: number;
  until_ms: number;
  names: Buffer;
  statement: Buffer;
  evidence: Buffer;
  ended_ms: number | null;
  ended_by: 'subject' | 'agent' | 'officers' | null;
  end_digest: Digest | null;
  end_statement: Buffer | null;
}

/** What a lender said of somebody's agreement, and the code that must come back. */
export interface AssistedRow {
  subject_ref: string;
  id: string;
  digest: Digest;
  request: string;
  lender: string;
  statement: Buffer;
  code: Buffer;
  tries: number;
  expires_ms: number;
  consent: string | null;
}
