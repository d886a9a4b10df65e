import { CausewayError, type Problem } from '@causeway/protocol';
import { problemOf } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { RedemptionItem } from './asked.ts';
import type { Decided } from './decide.ts';
import type { Redemptions } from './redemptions.ts';

export type RedemptionResult = Decided | { readonly error: Problem };

/** Redeems each item by itself; one that fails is answered with its problem and never fails the others. */
export async function redeemAll(
  { log }: Pick<Consumer, 'log'>,
  redemptions: Redemptions,
  items: readonly RedemptionItem[],
  { presenter, requestId }: { presenter: string; requestId: string },
): Promise<RedemptionResult[]> {
  const results = items.map(async (item): Promise<RedemptionResult> => {
    try {
      return await redemptions.redeem(item, presenter);
    } catch (error) {
      if (!(error instanceof CausewayError)) log.error({ event: 'redemption_failed', err: error });
      return { error: problemOf(error, requestId) };
    }
  });
  return await Promise.all(results);
}
