import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CausewayError,
  type LedgerTrust,
  type SeenTree,
  compareOffline,
  openTree,
  proveGrowth,
} from '@causeway/sdk';

/**
 * How the trees of some proofs stand to the one of this ledger that this machine saw last, of `seen` leaves.
 * `first`: none was seen before. `unproven`: the node did not answer, so that nothing shows it.
 */
export interface Comparison {
  readonly ledger: string;
  readonly against: 'first' | 'same' | 'grown' | 'older' | 'unproven';
  readonly seen: number | null;
  /** Leaves of the largest tree among the proofs. */
  readonly size: number;
}

/** The last tree of each ledger that this machine saw: a signed checkpoint, a file each. */
export class SeenTrees {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = join(home, 'checkpoints');
  }

  /**
   * Shows that the trees are one ledger with the one seen last, and keeps the largest. What cannot be shown
   * now is not kept, so that the next time shows it or fails.
   *
   * @param baseUrl of the node, where it may be asked for hashes
   * @throws LedgerError `proof_invalid` where the ledger shows another history than it did; and where the
   *   kept file is not by this ledger's key
   */
  async compare(
    trees: readonly SeenTree[],
    trust: LedgerTrust,
    baseUrl: string | undefined,
  ): Promise<Comparison> {
    const kept = this.#last(trust);
    const bySize = [...trees, ...(kept ? [kept] : [])].toSorted((a, b) => a.size - b.size);
    const shown = await allOne(bySize, baseUrl);
    const size = Math.max(...trees.map((tree) => tree.size));
    const largest = bySize.at(-1);
    if (shown && largest !== kept && largest) this.#keep(trust.member, largest);
    return {
      ledger: trust.member,
      against: relation(shown, kept?.size, size),
      seen: kept?.size ?? null,
      size,
    };
  }

  #last(trust: LedgerTrust): SeenTree | undefined {
    const file = join(this.#folder, trust.member);
    return existsSync(file) ? openTree(readFileSync(file, 'utf8'), trust) : undefined;
  }

  /** A crash leaves the one before, or this one. */
  #keep(member: string, { checkpoint }: SeenTree): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = join(this.#folder, member);
    writeFileSync(`${file}.new`, checkpoint);
    renameSync(`${file}.new`, file);
  }
}

function relation(shown: boolean, seen: number | undefined, size: number): Comparison['against'] {
  if (!shown) return 'unproven';
  if (seen === undefined) return 'first';
  if (seen === size) return 'same';
  return seen < size ? 'grown' : 'older';
}

/** Each with the next larger. False where the node would have to help and does not. */
async function allOne(bySize: readonly SeenTree[], baseUrl: string | undefined): Promise<boolean> {
  let shown = true;
  for (const [at, larger] of bySize.entries()) {
    const smaller = bySize[at - 1];
    if (smaller) shown = (await isOne(smaller, larger, baseUrl)) && shown;
  }
  return shown;
}

async function isOne(smaller: SeenTree, larger: SeenTree, baseUrl: string | undefined): Promise<boolean> {
  if (compareOffline(smaller, larger) === 'same') return true;
  if (baseUrl === undefined) return false;
  try {
    await proveGrowth(baseUrl, smaller, larger);
    return true;
  } catch (error) {
    if (error instanceof CausewayError) return false;
    throw error;
  }
}
