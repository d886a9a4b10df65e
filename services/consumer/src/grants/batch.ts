import { CausewayError, type Problem } from '@causeway/protocol';
import { problemOf } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { inLanes } from '../lanes.ts';
import { redeem, type GrantedItem, type RedemptionItem } from './redeem.ts';
import type { RefusedItem } from './refuse.ts';

export type RedemptionResult = GrantedItem | RefusedItem | { readonly error: Problem };

/** Redeems each item by itself; one that fails is answered with its problem and never fails the others. */
export async function redeemAll(
  consumer: Consumer,
  items: readonly RedemptionItem[],
  presenter: string,
  requestId: string,
): Promise<RedemptionResult[]> {
  return await inLanes<RedemptionItem, RedemptionResult>(items, async (item) => {
    try {
      return await redeem(consumer, item, presenter);
    } catch (error) {
      if (!(error instanceof CausewayError)) consumer.log.error({ event: 'redemption_failed', err: error });
      return { error: problemOf(error, requestId) };
    }
  });
}
