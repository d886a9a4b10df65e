import {
  CausewayError,
  type Digest,
  LedgerError,
  type ProvenLeaf,
  compareOffline,
  ledgerTrust,
  openKeptDirectory,
  openTree,
  verifyProof,
} from '@causeway/sdk/page';

/** What the person gave, as it is. */
export interface Given {
  readonly anchor: string;
  readonly directory: string;
  readonly proof: Uint8Array;
  readonly leaf: string;
  /** Empty for the consumer service's. */
  readonly ledger: string;
}

/** The last checkpoint of each ledger that this browser saw, signed as received. */
export interface SeenCheckpoints {
  /** Empty where it saw none. */
  get(origin: string): string;
  set(origin: string, checkpoint: string): void;
}

/** How a ledger stands to what was seen of it before; sizes are in leaves. */
export interface Compared {
  readonly against: 'first' | 'same' | 'unproven';
  readonly seen: number;
}

export type Outcome =
  | { readonly proven: ProvenLeaf; readonly compared: Compared }
  | { readonly refused: string };

/**
 * Checks a proof from the fingerprint down. A tree that nothing compares to the one seen last is not kept.
 */
export function check(given: Given, seen: SeenCheckpoints): Outcome {
  const { anchor, directory, leaf, ledger, proof } = given;
  if ([anchor, directory, leaf].includes('') || proof.length === 0) return { refused: 'incomplete' };
  try {
    const view = openKeptDirectory(directory, anchor as Digest);
    const proven = verifyProof({ proof, leaf, ledger: ledger === '' ? undefined : ledger }, view);
    return compared(proven, ledgerTrust(view, proven.ledger), seen);
  } catch (error) {
    if (error instanceof LedgerError || error instanceof CausewayError) return { refused: error.code };
    throw error;
  }
}

function compared(proven: ProvenLeaf, trust: ReturnType<typeof ledgerTrust>, seen: SeenCheckpoints): Outcome {
  const { origin } = trust.ledger;
  const last = seen.get(origin);
  if (last === '') {
    seen.set(origin, proven.checkpoint);
    return { proven, compared: { against: 'first', seen: 0 } };
  }
  const tree = openTree(last, trust);
  try {
    return { proven, compared: { against: compareOffline(tree, proven), seen: tree.size } };
  } catch (error) {
    if (error instanceof LedgerError) return { refused: 'another_history' };
    throw error;
  }
}
