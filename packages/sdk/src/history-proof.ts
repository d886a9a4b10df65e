import { LedgerError } from '@causeway/ledger';
import { CausewayError, type DirectoryView, ledgerTrust } from '@causeway/protocol';
import type { Access } from './access.ts';
import { type ProvenLeaf, verifyLeafProof } from './leaf-proof.ts';

/** What can be shown of one line of a history. */
export type LineProof =
  | { readonly state: 'proven'; readonly line: Access; readonly proof: string; readonly proven: ProvenLeaf }
  /** Without a proof: `pending` is in order for a minute, `overdue` is a statement that nobody logged. */
  | { readonly state: 'pending' | 'overdue'; readonly line: Access }
  /** The node whose ledger has the leaf did not answer. */
  | { readonly state: 'unreachable'; readonly line: Access }
  | { readonly state: 'failed'; readonly line: Access; readonly code: string };

/** Issuing a statement promises its leaf; this long after it, a leaf without a proof is reported. */
const promisedWithinMs = 60_000;
/** A line that tells its day alone may be from the end of that day, wherever on earth. */
const longestDayMs = 2 * 86_400_000;

export interface ProvedBy {
  readonly view: DirectoryView;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/**
 * Checks the proof of each line under the directory's keys, with nothing but what it is given. Throws nothing
 * for a line that fails.
 *
 * @param proofs of lines that carry none, by leaf: of those whose leaf is in the ledger of another node
 */
export function verifyHistory(
  lines: readonly Access[],
  proofs: ReadonlyMap<string, string>,
  by: ProvedBy,
): LineProof[] {
  return lines.map((line) => verifyLine(line, line.proof ?? proofs.get(line.leaf), by));
}

/** What a proof shows of a line, or that it has none. */
export function verifyLine(line: Access, proof: string | undefined, { nowMs, view }: ProvedBy): LineProof {
  try {
    const trust = ledgerTrust(view, line.ledger);
    if (proof === undefined) {
      const withinMs = promisedWithinMs + (line.at.length === 10 ? longestDayMs : 0);
      const late = nowMs - Date.parse(line.at) > withinMs;
      return { state: late ? 'overdue' : 'pending', line };
    }
    return { state: 'proven', line, proof, proven: verifyLeafProof(proof, line.leaf, trust) };
  } catch (error) {
    if (error instanceof LedgerError || error instanceof CausewayError) {
      return { state: 'failed', line, code: error.code };
    }
    throw error;
  }
}
