import { LedgerError, encodeBase64, parseProof, type TlogProof } from '@causeway/ledger';
import type { Digest } from './digest.ts';
import type { DirectoryView } from './directory.ts';
import type { EvidenceBundle } from './evidence-bundle.ts';
import { invalid, trimCheckpoint } from './evidence-checkpoints.ts';
import { directoriesIn } from './evidence-directories.ts';
import { rootsIn } from './evidence-roots.ts';
import { statementsIn } from './evidence-statements.ts';
import { verifyBundle } from './evidence.ts';

interface Assembly {
  readonly anchor: Digest;
  /** The directory as it is now: witnesses may have been slower than those of the bundle are valid. */
  readonly view: DirectoryView;
}

/**
 * A bundle with the leaves of its statements, from the proof files of their ledgers, and with nothing that
 * its verification does not take. What has no proof stays without.
 *
 * @param proofs proof files by the digest of the statement, each under a checkpoint that counts
 * @throws CausewayError as `verifyBundle`; `evidence_invalid` where a node has served what does not hold
 */
export function proveBundle(
  bundle: EvidenceBundle,
  proofs: ReadonlyMap<string, string>,
  { anchor, view }: Assembly,
): EvidenceBundle {
  const known = underDirectory(bundle, view);
  const views = directoriesIn(known, rootsIn(known, anchor));
  const checkpoints = new Map<string, string>();
  const leaves = statementsIn(known).flatMap(({ digest, ledger }) => {
    const file = proofs.get(digest);
    if (file === undefined) return [];
    const { checkpoint: served, hashes, index } = read(file);
    const { checkpoint, size } = trimCheckpoint(served, ledger, views);
    // The same tree may have been served again with one more cosignature: once is enough.
    const tree = `${ledger} ${String(size)}`;
    if (!checkpoints.has(tree)) checkpoints.set(tree, checkpoint);
    const at = [...checkpoints.keys()].indexOf(tree);
    return [{ digest, checkpoint: at, index, hashes: hashes.map(encodeBase64) }];
  });
  const proven = { ...known, leaves, checkpoints: [...checkpoints.values()] };
  return { ...proven, ...verifyBundle(proven, { anchor }).used };
}

function underDirectory(bundle: EvidenceBundle, { evidence }: DirectoryView): EvidenceBundle {
  const { entries, head, roots } = evidence;
  return {
    ...bundle,
    roots: roots.length > bundle.roots.length ? [...roots] : bundle.roots,
    heads: [...new Set([head, ...bundle.heads])],
    entries: [...new Set([...entries, ...bundle.entries])],
  };
}

function read(file: string): TlogProof {
  try {
    return parseProof(file);
  } catch (error) {
    throw error instanceof LedgerError ? invalid(error) : error;
  }
}
