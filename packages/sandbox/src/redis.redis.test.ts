import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { isRunning } from './pids.ts';
import { startRedis } from './redis.ts';
import { redisSource } from './test-redis.ts';

test('the server of the run evicts nothing and writes every change to its file', async () => {
  const client = new Redis(process.env['REDIS_URL'] ?? '');
  expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  await client.quit();
});

test('a stopped server is gone and a taken port is refused', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'redis-'));
  const programs = join(import.meta.dirname, '../../../.causeway');
  const server = await startRedis({ dir, programs });
  await expect(startRedis({ dir, programs, port: server.port })).rejects.toThrow('is taken');
  await server.stop({ remove: true });
  expect(isRunning(server.pid)).toBe(false);
});

test('a container is taken where a runtime answers, and a program where none does', async () => {
  expect(await redisSource(async () => 'a runtime')).toBe('container');
  expect(await redisSource(async () => Promise.reject(new Error('none')))).toBe('program');
});
