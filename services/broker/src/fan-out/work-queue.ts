import type { Faults } from '@causeway/kernel';
import type { Log } from '@causeway/service';
import type { JobQueue, Lane } from '@causeway/service/queue';

import type { WorkQueue } from '../broker.ts';

interface Queues {
  readonly inquiries: Pick<JobQueue, 'add'>;
  readonly retries: Pick<JobQueue, 'add'>;
}

/** Announces work and does not wait: what the queue cannot take now, the sweeper queues later. */
export function workQueue({ inquiries, retries }: Queues, log: Log, faults: Faults): WorkQueue {
  const forget = (err: unknown): void => log.warn({ event: 'queue_unavailable', err });
  const start = async (inquiry: string, lane: Lane): Promise<void> => {
    await inquiries.add(inquiry, { lane });
    await faults.at('inquiry-told');
  };
  return {
    start: (inquiry, lane = 'front') => void start(inquiry, lane).catch(forget),
    retry: (inquiry, delayMs) => void retries.add(inquiry, { delayMs }).catch(forget),
  };
}
