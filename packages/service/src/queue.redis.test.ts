import { queueContract } from './queue-contract.ts';

queueContract('the queue on Redis', () => ({ redisUrl: process.env['REDIS_URL'] ?? '' }));
