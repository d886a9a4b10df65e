import { systemClock, systemRandom } from '@causeway/kernel/system';

import { createLog } from './log.ts';
import { createQueue } from './queue.ts';
import type { QueueBackend, QueueLimits } from './queue.ts';

/**
 * Test program: a worker of the queue named in its argument, in a process of its own. It tells its parent
 * which ids it begins and which it gives up, and does with each what the id begins with: `stuck` never ends,
 * `held` ends when the parent says so, `deadly` ends the whole process, anything else is done at once.
 */
export interface Orders {
  readonly backend: QueueBackend;
  readonly name: string;
  readonly limits?: Partial<QueueLimits>;
}

export type Message = { readonly ready: true } | { readonly began: string } | { readonly dead: string };

const { backend, name, limits = {} }: Orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const parts = { clock: systemClock, random: systemRandom, limits, prefix: '{t}' };
const log = createLog({ name: 'worker', level: 'silent' });
const queue = await createQueue({ backend, name, log, ...parts });

/** Resolves when the parent has it, so that nothing is lost with the process. */
async function say(message: Message): Promise<void> {
  await new Promise<void>((resolve) => process.send?.(message, undefined, {}, () => resolve()));
}

const released = new Promise((resolve) => process.once('message', resolve));
await queue.work(
  async (id) => {
    await say({ began: id });
    if (id.startsWith('stuck')) await new Promise(() => undefined);
    if (id.startsWith('held')) await released;
    if (id.startsWith('deadly')) process.kill(process.pid, 'SIGKILL');
  },
  {
    concurrency: 8,
    timeoutMs: 60_000,
    onDead: async (id, { reason, attempts }) => await say({ dead: `${id} ${reason} ${attempts}` }),
  },
);
await say({ ready: true });
