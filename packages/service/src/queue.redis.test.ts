import { queueContract } from './queue-contract.fixture.ts';

queueContract(() => ({ redisUrl: process.env['REDIS_URL'] ?? '' }));
