import type { Digest } from '@causeway/protocol';

/** One line of a subject's access history. */
export interface Access {
  id: string;
  /** The moment, or the day only (`2026-11-26`) where policy lets a line tell no more. */
  at: string;
  lender: string;
  lender_name: string;
  purpose: string;
  categories: string[];
  bureaus: string[];
  outcome: 'granted' | 'refused';
  code?: string;
  inquiry: Digest;
  decided_by: string;
  /** Digest of the statement that decided: what stands in the ledger. */
  leaf: Digest;
  /** The member in whose ledger. */
  ledger: string;
  /** The proof of it, a C2SP tlog-proof file. */
  proof: string | null;
  /** Why there is none: no checkpoint covers the leaf yet, or another node has it, at `proof_url`. */
  proof_absent?: 'pending' | 'other_ledger';
  proof_url?: string;
  /** Of a line that was shown late: by so many days, under which rule, and where that has it from. */
  embargo?: { days: number; rule: string; source: string };
  /** Of a subject asked about because of what somebody else applied for: as what they are named in it. */
  named_as?: 'guarantor' | 'related_party';
}

/** What policy shows late, whoever it is about: said to everybody, so that nobody takes silence for none. */
export interface ShownLate {
  purpose: string;
  days: number;
  rule: string;
  source: string;
}
