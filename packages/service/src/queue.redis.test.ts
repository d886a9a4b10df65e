import { queueContract } from './queue-contract.fixture.ts';
import { queueKit } from './queue-kit.fixture.ts';
import { queueWorkersContract } from './queue-workers-contract.fixture.ts';

const kit = queueKit(() => ({ redisUrl: process.env['REDIS_URL'] ?? '' }));
queueContract(kit);
queueWorkersContract(kit);
