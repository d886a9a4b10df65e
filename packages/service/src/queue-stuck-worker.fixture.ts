import { createLog } from './log.ts';
import { createQueue } from './queue.ts';
import type { QueueBackend } from './queue.ts';

/**
 * Test program: takes jobs of the queue named in its argument, says so to its parent, and never finishes one.
 */
interface Job {
  readonly backend: QueueBackend;
  readonly name: string;
}

const { backend, name }: Job = JSON.parse(process.argv[2] ?? '{}') as Job;
const log = createLog({ name: 'stuck', level: 'silent' });
const queue = await createQueue({ backend, name, prefix: '{t}', log });
queue.work(
  async (id) => {
    process.send?.(id);
    await new Promise(() => undefined);
  },
  { concurrency: 4 },
);
process.send?.('ready');
