import { Clients } from '@causeway/sandbox';
import { CausewayError, LedgerError, ledgerTrust, verifyProof } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import { directoryAtHand } from '../kept-directory-file.ts';
import type { CommandContext } from '../main.ts';
import { leafInName } from '../proof-files.ts';
import { SeenTrees } from '../seen-trees.ts';
import { errorView } from '../views/error-view.ts';
import { proofSentences } from '../views/proof-view.ts';

interface Proof {
  readonly file: string;
  readonly text: string;
}

/**
 * Checks a proof file: that the leaf which one expects is in the ledger which one expects, by the keys of the
 * directory. Nothing is taken from the file.
 */
export async function verifyProofFile(
  { terminal, home }: CommandContext,
  { file, text }: Proof,
  options: Record<string, string>,
): Promise<number> {
  const leaf = options['leaf'] ?? leafInName(file);
  if (leaf === undefined) throw new RangeError('the file is not named by a leaf: say which with --leaf');
  const view = await directoryAtHand(Clients.open(home));
  try {
    const proven = verifyProof({ proof: text, leaf, ledger: options['ledger'] }, view);
    const trust = ledgerTrust(view, proven.ledger);
    const url = view.member(proven.ledger)?.endpoints.public;
    const comparison = await new SeenTrees(home).compare([proven], trust, url);
    const sentences = proofSentences(proven, comparison);
    const { ledger, index, size, witnesses, witnessed } = proven;
    const shown = { leaf, ledger, index, size, witnesses, witnessed, comparison };
    terminal.object({ verdict: 'verified', ...shown, sentences });
    for (const sentence of sentences) terminal.line(sentence);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof LedgerError) && !(error instanceof CausewayError)) throw error;
    process.stderr.write(`${errorView(error)}\n`);
    terminal.object({ verdict: 'rejected', code: error.code });
    return EXIT.unverified;
  }
}
