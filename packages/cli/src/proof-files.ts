import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type DirectoryView, type LineProof, ledgerTrust, verifierKeys } from '@causeway/sdk';

const ending = '.tlog-proof';

/**
 * Writes the proof of each line, a C2SP tlog-proof file named by the leaf it proves, in a folder for each
 * ledger, and beside the folder the verifier keys of that ledger and of all witnesses. Names and files say
 * nothing about the person.
 */
export function writeProofs(folder: string, proofs: readonly LineProof[], view: DirectoryView): void {
  const proven = proofs.flatMap((each) => (each.state === 'proven' ? [each] : []));
  for (const { proof, proven: leaf } of proven) {
    mkdirSync(join(folder, leaf.ledger), { recursive: true });
    writeFileSync(join(folder, leaf.ledger, `${leaf.leaf.slice('sha-256:'.length)}${ending}`), proof);
  }
  for (const ledger of new Set(proven.map(({ proven: leaf }) => leaf.ledger))) {
    const keys = verifierKeys(ledgerTrust(view, ledger));
    writeFileSync(join(folder, `${ledger}.keys`), `${keys.join('\n')}\n`);
  }
}

/** The leaf that a proof file is named by; undefined for another name. */
export function leafInName(file: string): string | undefined {
  const name = basename(file, ending);
  return /^[A-Za-z0-9_-]{43}$/u.test(name) ? `sha-256:${name}` : undefined;
}

/** Whether a file's text is a proof file, by its first line. */
export const isProofFile = (text: string): boolean => text.startsWith('c2sp.org/tlog-proof@v1\n');
