import type { Broker } from '../broker.ts';
import { finishFailed } from '../reports/finish-without-report.ts';
import { takeDueWork } from './outbox.ts';

/**
 * Queues what the queue has lost, in its own lane, and closes what was set aside and has not been taken up
 * again in its time: its lender is told that the fault is ours.
 */
export async function sweep(broker: Broker): Promise<void> {
  const { clock, db, queue } = broker;
  for (const { inquiry, lane, parked } of await takeDueWork(db, clock.now())) {
    if (parked) await finishFailed(broker, inquiry, 'internal');
    else queue.start(inquiry, lane);
  }
}
