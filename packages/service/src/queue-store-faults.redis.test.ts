import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { goneWithin, signalPid } from '@causeway/sandbox/pids';
import { startRedis } from '@causeway/sandbox/redis';
import type { Redis } from '@causeway/sandbox/redis';
import { Redis as Client } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { patient, queueKit } from './queue-kit.fixture.ts';
import { underFire } from './queue-under-fire.fixture.ts';
import { RedirectingProxy } from './redirecting-proxy.fixture.ts';
import { memoryLog } from './shell.fixture.ts';

const programs = join(import.meta.dirname, '../../../.causeway');
let dir: string;
let servers: Redis[];
let proxy: RedirectingProxy;

const start = async (name: string): Promise<Redis> => {
  const server = await startRedis({ dir: join(dir, name), programs });
  servers.push(server);
  return server;
};

async function command<T>({ url }: Redis, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

async function kill({ pid }: Redis): Promise<void> {
  signalPid(pid, 'SIGKILL');
  expect(await goneWithin(pid, 10_000)).toBe(true);
}

let primary: Redis;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'queue-faults-'));
  servers = [];
  primary = await start('primary');
  proxy = await RedirectingProxy.before(primary.port);
});
afterEach(async () => {
  await proxy.close();
  for (const server of servers) await server.stop();
  rmSync(dir, { recursive: true, force: true });
});
const { newQueue } = queueKit(() => ({ redisUrl: `redis://127.0.0.1:${proxy.port}` }));

test('S80 a FLUSHALL mid-run loses nothing that is swept', async () => {
  const queue = await newQueue();
  await underFire(queue, async () => void (await command(primary, async (client) => client.flushall())));
  await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
});

test('S80 a Redis killed with -9 whose file has lost its end loses nothing that is swept', async () => {
  const queue = await newQueue();
  await underFire(queue, async () => {
    await kill(primary);
    const files = join(dir, 'primary', 'appendonlydir');
    const last = readdirSync(files).find((name) => name.endsWith('.incr.aof')) ?? '';
    const { size } = statSync(join(files, last));
    expect(size).toBeGreaterThan(20_000);
    truncateSync(join(files, last), Math.floor(size * 0.6));
    proxy.redirect((await start('primary')).port);
  });
  await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
});

test('S80 a full Redis refuses what is told, and all is done when it has room again', async () => {
  const { log, lines } = memoryLog();
  const queue = await newQueue({ log });
  const refused: unknown[] = [];
  await underFire(queue, async () => {
    await command(primary, async (client) => client.config('SET', 'maxmemory', '1mb'));
    refused.push(await queue.add('too-much').catch((error: unknown) => error));
    await vi.waitFor(() => expect(lines()).toContain('queue_error'), patient);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await command(primary, async (client) => client.config('SET', 'maxmemory', '0'));
  });
  expect(String(refused[0])).toContain('OOM');
  expect(
    lines()
      .split('\n')
      .filter((line) => line.includes('queue_error')).length,
  ).toBeLessThan(6);
});

test('S80 a failover to a replica that is empty loses nothing that is swept', async () => {
  const replica = await start('replica');
  await command(replica, async (client) => {
    await client.replicaof('127.0.0.1', primary.port);
    await vi.waitFor(
      async () => expect(await client.info('replication')).toContain('link_status:up'),
      patient,
    );
  });
  const queue = await newQueue();
  await underFire(queue, async () => {
    await kill(primary);
    proxy.redirect(replica.port);
    // For a while it is a replica still, and refuses.
    await vi.waitFor(
      async () => expect((await asked(replica, 'READONLY')).count).toBeGreaterThan(0),
      patient,
    );
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await command(replica, async (client) => {
      await client.replicaof('NO', 'ONE');
      await client.flushall();
    });
  });
  // Each place would ask hundreds of times a second.
  expect((await asked(replica, 'READONLY')).count).toBeLessThan(60);
  await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patient);
});

test('what is told while Redis is away is refused, and nobody waits for its return', async () => {
  const queue = await newQueue();
  await queue.add('before');
  await kill(primary);
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, at) => {
      await new Promise((resolve) => setTimeout(resolve, at * 10));
      return await queue.add(`while-${at}`).then(
        () => 'told',
        () => 'refused',
      );
    }),
  );
  expect(answers.filter((answer) => answer !== 'refused')).toEqual([]);
  proxy.redirect((await start('primary')).port);
  await vi.waitFor(async () => expect(await queue.add('after')).toBe('queued'), patient);
});

test('what is told to a Redis that stands still is refused, and taken when it moves again', async () => {
  const queue = await newQueue();
  await queue.add('before');
  signalPid(primary.pid, 'SIGSTOP');
  await expect(queue.add('while')).rejects.toThrow(/timeout|retries/u);
  signalPid(primary.pid, 'SIGCONT');
  await vi.waitFor(async () => expect(await queue.add('after')).toBe('queued'), patient);
});

test('a queue closes in its time though its store is gone for good', async () => {
  const queue = await newQueue({ limits: { closeMs: 1000 } });
  await queue.work(async () => undefined, { concurrency: 2, timeoutMs: 1000 });
  await kill(primary);
  await expect(queue.close()).resolves.toBeUndefined();
});

/** How often this server has refused with an error of this kind. */
async function asked(server: Redis, kind: string): Promise<{ count: number }> {
  const stats = await command(server, async (client) => client.info('errorstats'));
  return { count: Number(new RegExp(`errorstat_${kind}:count=(\\d+)`, 'u').exec(stats)?.[1] ?? 0) };
}
