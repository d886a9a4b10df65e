import { type DirectoryView, LedgerError, type LineProof, ledgerTrust } from '@causeway/sdk';
import { type Comparison, SeenTrees } from './seen-trees.ts';

/** How each ledger of some proofs stands to what this machine saw of it before. */
export interface LedgersCompared {
  readonly comparisons: readonly Comparison[];
  /** Ledgers that show another history than they did. */
  readonly broken: readonly { readonly ledger: string; readonly code: string }[];
}

/** Compares the trees of all proofs that hold, ledger by ledger, and keeps what is shown. */
export async function compareLedgers(
  home: string,
  proofs: readonly LineProof[],
  view: DirectoryView,
): Promise<LedgersCompared> {
  const proven = proofs.flatMap((proof) => (proof.state === 'proven' ? [proof.proven] : []));
  const comparisons: Comparison[] = [];
  const broken: { ledger: string; code: string }[] = [];
  for (const [ledger, leaves] of Map.groupBy(proven, (leaf) => leaf.ledger)) {
    // Many lines are proven under one checkpoint.
    const trees = [...new Map(leaves.map((leaf) => [leaf.checkpoint, leaf])).values()];
    const url = view.member(ledger)?.endpoints.public;
    try {
      comparisons.push(await new SeenTrees(home).compare(trees, ledgerTrust(view, ledger), url));
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      broken.push({ ledger, code: error.code });
    }
  }
  return { comparisons, broken };
}
