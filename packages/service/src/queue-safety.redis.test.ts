import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { signalPid } from '@causeway/sandbox/pids';
import { startRedis } from '@causeway/sandbox/redis';
import type { Redis } from '@causeway/sandbox/redis';
import { Redis as Client } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { ConfigError } from './config-error.ts';
import { requireSafeRedis } from './queue-safety.ts';
import { memoryLog } from './shell.fixture.ts';

const dir = mkdtempSync(join(tmpdir(), 'safe-redis-'));
let server: Redis;
beforeAll(async () => {
  server = await startRedis({ dir, programs: join(import.meta.dirname, '../../../.causeway') });
});
afterAll(() => {
  // It is writing its file anew, and would not go before that is done; the child that writes lives a moment
  // longer.
  signalPid(server.pid, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});
afterEach(async () => await set({ 'maxmemory-policy': 'noeviction', appendonly: 'yes' }));

async function set(settings: Record<string, string>): Promise<void> {
  const client = new Client(server.url);
  for (const [name, value] of Object.entries(settings)) await client.config('SET', name, value);
  client.disconnect();
}

/** What the start of a service comes to: its error's message, or nothing where it goes on; and its log. */
async function start(store: { url?: string; unsafeAccepted?: boolean } = {}) {
  const { log, lines } = memoryLog();
  const wanted = { url: server.url, unsafeAccepted: false, ...store, log };
  const error: unknown = await requireSafeRedis(wanted).catch((thrown: unknown) => thrown);
  return { said: error instanceof ConfigError ? error.message : error, log: lines() };
}

test('S84 a Redis that evicts nothing and writes its file is taken, and nothing is said', async () => {
  expect(await start()).toEqual({ said: undefined, log: '' });
});

test.each([
  ['maxmemory-policy allkeys-lru instead of noeviction', { 'maxmemory-policy': 'allkeys-lru' }],
  ['maxmemory-policy volatile-ttl instead of noeviction', { 'maxmemory-policy': 'volatile-ttl' }],
  ['appendonly off', { appendonly: 'no' }],
])('S84 a Redis with %s is refused in one sentence that names it', async (fault, settings) => {
  await set(settings);
  expect((await start()).said).toBe(
    `The store of REDIS_URL has ${fault}, and may lose what it has accepted: ` +
      'correct it, or set CAUSEWAY_UNSAFE_STORE=accepted for throw-away data.',
  );
});

test('S84 where the operator has accepted it, each start says so as an alarm', async () => {
  await set({ appendonly: 'no', 'maxmemory-policy': 'allkeys-random' });
  const { said, log } = await start({ unsafeAccepted: true });
  expect(said).toBeUndefined();
  expect(log).toMatch(/"event":"unsafe_store","alarm":true,"reason":".*allkeys-random.* and appendonly off/u);
});

test('a Redis that does not answer ends the start in one sentence, without its address', async () => {
  const { said } = await start({ url: 'redis://user:secret@127.0.0.1:1' });
  expect(said).toBe('The Redis of REDIS_URL does not answer, or not to this service.');
});
