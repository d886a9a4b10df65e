// Exits 0 where a redis-server is installed or could be fetched; else says why not in one sentence.
import { join } from 'node:path';
import { findRedis } from '@causeway/sandbox/redis-binary';

try {
  findRedis(join(import.meta.dirname, '../.causeway'));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'redis cannot be had'}\n`);
  process.exitCode = 1;
}
