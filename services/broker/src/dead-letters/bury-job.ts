import type { Death } from '@causeway/service/queue';

import type { Broker } from '../broker.ts';
import { countAndPark, isPassing, park } from './park.ts';

/**
 * What becomes of an inquiry whose job the queue has given up. The outbox brings it back where the fault was
 * not its own. One that took its process down each time is set aside at once; one that hung counts as failed
 * once, since a store that stands still makes everything hang.
 */
export async function buryJob(broker: Broker, key: string, death: Death): Promise<void> {
  const { attempts, error, reason } = death;
  if (reason === 'crashed') await park(broker, key, { reason, code: 'internal', attempts });
  else if (reason === 'timed_out' || !isPassing(error)) {
    await countAndPark(broker, key, { reason, code: 'internal' });
  }
}
