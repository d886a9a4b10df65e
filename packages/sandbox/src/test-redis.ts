import { join } from 'node:path';
import { GenericContainer } from 'testcontainers';
import { startRedis } from './redis.ts';
import { findRedis } from './redis-binary.ts';
import { type StoreSource, storeSource } from './test-store-source.ts';

const STATE = join(import.meta.dirname, '../../../.causeway');

/** vitest's global setup of the project `redis`: one Redis for the run, whose address is in REDIS_URL. */
export async function setup(): Promise<() => Promise<void>> {
  const source = await redisSource();
  const server = await (source === 'container' ? startContainer() : startProgram());
  process.env['REDIS_URL'] = server.url;
  return server.stop;
}

/**
 * Where the run's Redis comes from: a container where a runtime answers, or else a program, installed or
 * fetched. Throws an Error of one sentence where there is neither.
 */
export async function redisSource(runtime?: () => Promise<unknown>): Promise<StoreSource> {
  const source = await storeSource(runtime);
  if (source === 'program') findRedis(STATE);
  return source;
}

interface RunServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function startProgram(): Promise<RunServer> {
  const dir = join(STATE, 'test-redis', String(process.pid));
  const server = await startRedis({ dir, programs: STATE });
  return { url: server.url, stop: () => server.stop({ remove: true }) };
}

async function startContainer(): Promise<RunServer> {
  const settings = ['--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
  const image = new GenericContainer('redis:7')
    .withExposedPorts(6379)
    .withCommand(['redis-server', ...settings]);
  const container = await image.start();
  const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`;
  return {
    url,
    stop: async () => {
      await container.stop();
    },
  };
}
