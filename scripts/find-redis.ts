// Exits 0 where the tests can have a Redis; else says in one sentence why not.
import { redisSource } from '@causeway/sandbox/test-redis';

try {
  await redisSource();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'redis cannot be had'}\n`);
  process.exitCode = 1;
}
