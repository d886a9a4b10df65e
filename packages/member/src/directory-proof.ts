import { canBeProven, ledgerOrigin } from '@causeway/ledger';
import type { ProofTrust } from '@causeway/ledger';

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
  const judges = { ledger, witnesses: witnessesIn(held), quorum: quorumOf(held, ledger.member) };
  return canBeProven(judges) ? judges : undefined;
}
