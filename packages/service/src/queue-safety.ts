import { Redis } from 'ioredis';

import { ConfigError } from './config-error.ts';
import { refuseUnsafe } from './database-safety.ts';
import type { StoreToCheck } from './database-safety.ts';

/**
 * Stops a start on a Redis that drops jobs when it is full, or forgets all of them at each restart. Both are
 * repaired from our tables, but slowly, and nobody would know.
 * @throws ConfigError naming the setting, or that Redis does not answer
 */
export async function requireSafeRedis(store: StoreToCheck): Promise<void> {
  const info = await infoOf(store.url);
  const said = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'mu').exec(info)?.[1];
  const policy = said('maxmemory_policy') ?? 'unknown';
  const faults = policy === 'noeviction' ? [] : [`maxmemory-policy ${policy} instead of noeviction`];
  if (said('aof_enabled') !== '1') faults.push('appendonly off');
  refuseUnsafe(store, 'REDIS_URL', faults);
}

async function infoOf(url: string): Promise<string> {
  const bounds = { connectTimeout: 10_000, commandTimeout: 10_000, maxRetriesPerRequest: 0 };
  const client = new Redis(url, { ...bounds, lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.info();
  } catch (cause) {
    const error = new ConfigError('The Redis of REDIS_URL does not answer, or not to this service.');
    error.cause = cause;
    throw error;
  } finally {
    client.disconnect();
  }
}
