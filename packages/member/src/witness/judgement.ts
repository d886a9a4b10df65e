import { emptyRoot, LedgerError, verifyConsistency } from '@causeway/ledger';
import type { WitnessRequest } from '@causeway/ledger';

/** The newest checkpoint of a ledger that a witness has cosigned. */
export interface SeenCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  /** As its ledger signed it. */
  readonly note: string;
}

/** What a witness makes of a checkpoint that its ledger has signed (C2SP tlog-witness, add-checkpoint). */
export interface Judgement {
  /**
   * `stale`: the old size is not that of the newest checkpoint seen. `inconsistent`: the proof does not lead
   * from that one to this, or this is another tree of the same size.
   */
  readonly outcome: 'cosign' | 'stale' | 'inconsistent';
  /** True where the two checkpoints cannot be of one ledger, whatever proof anybody has. */
  readonly isFork: boolean;
}

/** Judges a request against what was seen; the caller has verified the ledger's signature. */
export function judge(
  { oldSize, proof, checkpoint }: WitnessRequest,
  seen: SeenCheckpoint | undefined,
): Judgement {
  const size = seen?.size ?? 0;
  const root = seen?.root ?? emptyRoot();
  const isFork = checkpoint.size === size && !Buffer.from(root).equals(checkpoint.root);
  if (oldSize !== size) return { outcome: 'stale', isFork };
  const claim = { oldSize, oldRoot: root, newSize: checkpoint.size, newRoot: checkpoint.root, proof };
  return { outcome: isConsistent(claim) ? 'cosign' : 'inconsistent', isFork };
}

function isConsistent(claim: Parameters<typeof verifyConsistency>[0]): boolean {
  try {
    verifyConsistency(claim);
    return true;
  } catch (error) {
    if (error instanceof LedgerError) return false;
    throw error;
  }
}
