import { LedgerError } from '@causeway/ledger';
import { CausewayError, type DirectoryView, ledgerTrust } from '@causeway/protocol';
import { send } from './http.ts';
import { type ProvenLeaf, verifyLeafProof } from './leaf-proof.ts';
import type { Access } from './subject.ts';

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

const atOnceMax = 16;

interface ProvedBy {
  readonly view: DirectoryView;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/**
 * Checks the proof of each line under the directory's keys. Where a leaf is in the ledger of another node,
 * the proof comes from that node, at the address that the directory has of it. Throws nothing for a line
 * that fails.
 */
export async function proveLines(lines: readonly Access[], by: ProvedBy): Promise<LineProof[]> {
  const proven: LineProof[] = [];
  for (let at = 0; at < lines.length; at += atOnceMax) {
    const some = lines.slice(at, at + atOnceMax);
    proven.push(...(await Promise.all(some.map(async (line) => await proveLine(line, by)))));
  }
  return proven;
}

async function proveLine(line: Access, { nowMs, view }: ProvedBy): Promise<LineProof> {
  try {
    const trust = ledgerTrust(view, line.ledger);
    const proof = line.proof ?? (await fetchedProof(line, view));
    if (proof === undefined) {
      const late = nowMs - Date.parse(line.at) > promisedWithinMs;
      return { state: late ? 'overdue' : 'pending', line };
    }
    return { state: 'proven', line, proof, proven: verifyLeafProof(proof, line.leaf, trust) };
  } catch (error) {
    if (error instanceof LedgerError) return { state: 'failed', line, code: error.code };
    if (!(error instanceof CausewayError)) throw error;
    return error.code === 'unavailable'
      ? { state: 'unreachable', line }
      : { state: 'failed', line, code: error.code };
  }
}

async function fetchedProof(line: Access, view: DirectoryView): Promise<string | undefined> {
  if (line.proof_absent !== 'other_ledger') return undefined;
  const base = view.member(line.ledger)?.endpoints.public;
  if (base === undefined) return undefined;
  try {
    const url = `${base}/ledger/proof/${encodeURIComponent(line.leaf)}`;
    return (await send({ method: 'GET', url })).text;
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'not_found') return undefined;
    throw error;
  }
}
