import { LedgerError, decodeHashes, entryOf, leafHash, verifyInclusion } from '@causeway/ledger';
import type { Digest } from './digest.ts';
import type { DirectoryView } from './directory.ts';
import { CausewayError } from './errors.ts';
import type { EvidenceBundle } from './evidence-bundle.ts';
import { invalid, openWitnessed, type WitnessedCheckpoint } from './evidence-checkpoints.ts';
import type { Needed } from './evidence-directories.ts';
import type { LeafedStatement } from './evidence-statements.ts';

type Leaf = EvidenceBundle['leaves'][number];

/** The statements of a bundle whose leaves are shown to be in their ledgers, each with its witness time. */
export type WitnessTimes = ReadonlyMap<Digest, number>;

/**
 * Verifies every checkpoint of a bundle and every leaf under it. All of them are of use: a leaf stands for
 * one statement, a checkpoint is of the ledger that these statements are in and holds a leaf, and each is
 * there once.
 *
 * @param views newest first
 * @throws CausewayError `link_mismatch` for a leaf of nothing here, `evidence_invalid` for what does not hold
 */
export function witnessTimes(
  { checkpoints, leaves }: EvidenceBundle,
  statements: readonly LeafedStatement[],
  views: readonly DirectoryView[],
  needed: Needed,
): WitnessTimes {
  const ledgers = new Map(statements.map(({ digest, ledger }) => [digest, ledger]));
  if (new Set(leaves.map(({ digest }) => digest)).size !== leaves.length) throw unsound('A leaf is twice.');
  if (!leaves.every(({ digest }) => ledgers.has(digest))) {
    throw new CausewayError('link_mismatch', { pointer: '/leaves', detail: 'A leaf is of nothing here.' });
  }
  if (leaves.some(({ checkpoint }) => checkpoint >= checkpoints.length)) {
    throw unsound('A leaf names a checkpoint that is not here.');
  }
  const seen = new Set<string>();
  const times = checkpoints.flatMap((text, at) => {
    const held = leaves.filter(({ checkpoint }) => checkpoint === at);
    const [ledger, another] = new Set(held.map(({ digest }) => ledgers.get(digest)));
    if (ledger === undefined || another !== undefined) throw unsound('A checkpoint is of one ledger in use.');
    const witnessed = openWitnessed(text, ledger, views);
    if (seen.size === seen.add(`${ledger} ${witnessed.size}`).size) throw unsound('A checkpoint is twice.');
    for (const leaf of held) verifyLeaf(leaf, witnessed);
    for (const member of witnessed.members) needed(witnessed.view, member);
    return held.map(({ digest }) => [digest, witnessed.time_s] as const);
  });
  return new Map(times);
}

function verifyLeaf({ digest, hashes, index }: Leaf, { root, size }: WitnessedCheckpoint): void {
  try {
    const leaf = leafHash(entryOf(digest));
    verifyInclusion({ index, size, leaf, root, proof: decodeHashes(hashes) });
  } catch (error) {
    throw error instanceof LedgerError ? invalid(error) : error;
  }
}

function unsound(detail: string): CausewayError {
  return new CausewayError('evidence_invalid', { pointer: '/leaves', detail });
}
