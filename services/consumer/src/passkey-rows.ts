import type { Digest } from '@causeway/protocol';

/** Passkeys as PostgreSQL holds them. Times in ms since the epoch. */
export interface RegistrationRow {
  subject_ref: string;
  id: string;
  challenge: string;
  replaces: Digest | null;
  credential_id: string | null;
  public_key: string | null;
  content: Digest | null;
  expires_ms: number;
}

export interface PasskeyRow {
  subject_ref: string;
  enrolment: Digest;
  id: string;
  credential_id: string;
  public_key: string;
  role: 'self' | 'legal_representative';
  replaces: Digest | null;
  statement: Buffer;
  evidence: Buffer;
  handover: string | null;
  enrolled_ms: number;
  counts_from_ms: number;
  removed_ms: number | null;
}

export interface PasskeyNoticeRow {
  subject_ref: string;
  id: string;
  what: 'added' | 'handed_over' | 'removed';
  enrolment: Digest;
  counts_from_ms: number;
  at_ms: number;
}
