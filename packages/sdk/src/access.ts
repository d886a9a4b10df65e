import type { Digest } from '@causeway/protocol';

/** One line of a subject's access history. */
export interface Access {
  id: string;
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
}
