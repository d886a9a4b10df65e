import type { Log } from '@causeway/service';
import type { JobQueue } from '@causeway/service/queue';

import type { WorkQueue } from '../broker.ts';

interface Queues {
  readonly inquiries: Pick<JobQueue, 'add'>;
  readonly retries: Pick<JobQueue, 'add'>;
}

/** Announces work and does not wait: what the queue cannot take now, the sweeper queues later. */
export function workQueue({ inquiries, retries }: Queues, log: Log): WorkQueue {
  const forget = (err: unknown): void => log.warn({ event: 'queue_unavailable', err });
  return {
    start: (inquiry, lane = 'front') => void inquiries.add(inquiry, { lane }).catch(forget),
    retry: (inquiry, delayMs) => void retries.add(inquiry, { delayMs }).catch(forget),
  };
}
