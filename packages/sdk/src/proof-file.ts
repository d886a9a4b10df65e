import { ledgerTrust, type DirectoryView } from '@causeway/protocol';
import { type ProvenLeaf, verifyLeafProof } from './leaf-proof.ts';

/** A proof file and what one expects of it; none of that is read from the file. */
export interface ProofFile {
  readonly proof: string | Uint8Array;
  /** The digest of the statement that is to be in the ledger. */
  readonly leaf: string;
  /** Whose ledger; the consumer service's, which has the lines of people, where none is named. */
  readonly ledger?: string | undefined;
}

/**
 * Shows offline that a leaf is in the ledger that one expects, by the keys of a verified directory.
 *
 * @throws LedgerError as `verifyLeafProof`; CausewayError `member_unknown` where there is no such ledger
 */
export function verifyProof({ proof, leaf, ledger }: ProofFile, view: DirectoryView): ProvenLeaf {
  return verifyLeafProof(proof, leaf, ledgerTrust(view, ledger ?? consumerOf(view)));
}

function consumerOf(view: DirectoryView): string {
  return view.membersWith('consumer').find(({ status }) => status === 'active')?.id ?? '';
}
