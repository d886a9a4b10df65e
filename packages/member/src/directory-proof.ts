import { LedgerError, entryOf, isWitnessed, ledgerOrigin, verifyProof } from '@causeway/ledger';
import type { ProofTrust } from '@causeway/ledger';
import type { Digest } from '@causeway/protocol';

import { ledgerOf, quorumOf, witnessesIn } from './witness/known-ledgers.ts';
import type { LedgerDirectory } from './witness/known-ledgers.ts';

/**
 * What proofs in the authority's ledger are judged by, under the directory that is held: its key, and the
 * keys of all others that cosign, suspended ones too. Undefined where they can be no quorum: the authority
 * has no ledger there, or fewer than two others have a key.
 */
export function judgesIn(held: LedgerDirectory): ProofTrust | undefined {
  const [authority] = held.membersWith('authority');
  const ledger = authority && ledgerOf(held, ledgerOrigin(held.fed, authority.id));
  if (ledger === undefined) return undefined;
  const quorum = quorumOf(held, ledger.member);
  const witnesses = witnessesIn(held);
  const isEnough = isWitnessed(
    witnesses.map(({ member }) => member),
    quorum,
  );
  return isEnough ? { ledger, witnesses, quorum } : undefined;
}

/**
 * Whether a proof file shows that the head with this digest is in the authority's ledger. False while too few
 * have cosigned, which passes by itself.
 * @throws LedgerError for what no honest authority sends: another ledger's, a forged one, of another head
 */
export function isProven(file: string, head: Digest, judges: ProofTrust): boolean {
  try {
    verifyProof(file, entryOf(head), judges);
    return true;
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'quorum_missing') return false;
    throw error;
  }
}
