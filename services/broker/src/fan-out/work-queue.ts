import type { Log } from '@causeway/service';
import type { JobQueue } from '@causeway/service/queue';

import type { WorkQueue } from '../broker.ts';

interface Queues {
  readonly front: Pick<JobQueue, 'add'>;
  readonly background: Pick<JobQueue, 'add'>;
  readonly retries: Pick<JobQueue, 'add'>;
}

/**
 * Announces work and does not wait: what the queue cannot take now, the sweeper queues later. The background
 * has its retries among itself, so that they hold up nobody in front.
 */
export function workQueue({ background, front, retries }: Queues, log: Log): WorkQueue {
  const forget = (err: unknown): void => log.warn({ event: 'queue_unavailable', err });
  return {
    start: (inquiry, lane = 'front') => {
      const queue = lane === 'front' ? front : background;
      queue.add(inquiry, { lane }).catch(forget);
    },
    retry: (inquiry, delayMs, lane = 'front') => {
      const queue = lane === 'front' ? retries : background;
      // The run that says so is under way still, maybe in the same queue.
      queue.add(inquiry, { delayMs, lane, again: true }).catch(forget);
    },
  };
}
