import { CausewayError } from '@causeway/protocol';
import { GroupCommit, isStoreAway, type ItemOutcome } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { readItem, type Asked, type RedemptionItem } from './asked.ts';
import type { Decided } from './decide.ts';
import { DirectoryBehind, Raced, redeemBatch } from './redeem-batch.ts';

/** Redeems inquiries, those of many calls together. */
export interface Redemptions {
  /**
   * Redeems one inquiry. Grants or the signed refusal, either of them recorded.
   * @throws CausewayError where no decision about the subject is due: the inquiry does not verify, or has
   *   expired without a use
   */
  redeem(item: RedemptionItem, presenter: string): Promise<Decided>;
}

const itemsMax = 64;
const waitingMax = 4096;
/** One batch decides while the other one's statements are under way. */
const lanes = 2;
const triesMax = 4;

/** One per process: what comes while a batch is under way makes the next one. */
export function groupRedemptions(consumer: Consumer): Redemptions {
  const group = new GroupCommit<Asked, Decided>({
    ...{ itemsMax, waitingMax, lanes, isCommon },
    keyOf: ({ inquiry }) => inquiry.digest,
    run: async (items) => await redeemCurrent(consumer, items),
  });
  return {
    redeem: async (item, presenter) => await group.submit(await readItem(consumer, item, presenter)),
  };
}

/** Not the fault of any item: it would be the same for each alone. */
function isCommon(error: unknown): boolean {
  return isStoreAway(error) || (error instanceof CausewayError && error.code === 'not_ready');
}

/** Redeems by the newest directory that any process of this node has adopted. */
async function redeemCurrent(consumer: Consumer, items: readonly Asked[]): Promise<ItemOutcome<Decided>[]> {
  if (!consumer.mayGrant()) throw new CausewayError('not_ready', { internal: 'the ledger is behind' });
  for (let tries = 0; tries < triesMax; tries += 1) {
    try {
      return await redeemBatch(consumer, items);
    } catch (error) {
      if (error instanceof DirectoryBehind) await consumer.catchUp(error.version);
      else if (!(error instanceof Raced)) throw error;
    }
  }
  throw new CausewayError('not_ready', { internal: 'another process was faster each time' });
}
