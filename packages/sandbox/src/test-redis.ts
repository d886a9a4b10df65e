import { join } from 'node:path';
import { startRedis } from './redis.ts';

const STATE = join(import.meta.dirname, '../../../.causeway');

/** vitest's global setup of the project `redis`: one Redis for the run, whose address is in REDIS_URL. */
export async function setup(): Promise<() => Promise<void>> {
  const dir = join(STATE, 'test-redis', String(process.pid));
  const server = await startRedis({ dir, programs: STATE });
  process.env['REDIS_URL'] = server.url;
  return () => server.stop({ remove: true });
}
