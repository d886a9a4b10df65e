import { join } from 'node:path';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import { startRedis } from './redis.ts';
import { findRedis } from './redis-binary.ts';

const STATE = join(import.meta.dirname, '../../../.causeway');

/** vitest's global setup of the project `redis`: one Redis for the run, whose address is in REDIS_URL. */
export async function setup(): Promise<() => Promise<void>> {
  const source = await redisSource();
  const server = await (source === 'container' ? startContainer() : startProgram());
  process.env['REDIS_URL'] = server.url;
  return server.stop;
}

/**
 * Where the run's Redis comes from: a program, installed or fetched, or else a container where a container
 * runtime answers. Throws an Error of one sentence where there is neither.
 */
export async function redisSource(): Promise<'program' | 'container'> {
  try {
    findRedis(STATE);
    return 'program';
  } catch (error) {
    const runtime = await getContainerRuntimeClient().catch(() => undefined);
    if (runtime === undefined) throw error;
    return 'container';
  }
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
