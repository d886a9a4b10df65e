import { queueContract } from './queue-contract.ts';

queueContract(() => ({ redisUrl: process.env['REDIS_URL'] ?? '' }));
