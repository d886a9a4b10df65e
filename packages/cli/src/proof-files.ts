import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { LineProof } from '@causeway/sdk';

const ending = '.tlog-proof';

/**
 * Writes the proof of each line, a C2SP tlog-proof file named by the leaf it proves, in a folder for each ledger;
 * returns how many. Names and files say nothing about the person.
 */
export function writeProofs(folder: string, proofs: readonly LineProof[]): number {
  const proven = proofs.flatMap((each) => (each.state === 'proven' ? [each] : []));
  for (const { proof, proven: leaf } of proven) {
    mkdirSync(join(folder, leaf.ledger), { recursive: true });
    writeFileSync(join(folder, leaf.ledger, `${leaf.leaf.slice('sha-256:'.length)}${ending}`), proof);
  }
  return proven.length;
}

/** The leaf that a proof file is named by; undefined for another name. */
export function leafInName(file: string): string | undefined {
  const name = basename(file, ending);
  return /^[A-Za-z0-9_-]{43}$/u.test(name) ? `sha-256:${name}` : undefined;
}

/** Whether a file's text is a proof file, by its first line. */
export const isProofFile = (text: string): boolean => text.startsWith('c2sp.org/tlog-proof@v1\n');
