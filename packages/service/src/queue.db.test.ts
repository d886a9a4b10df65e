import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll } from 'vitest';

import { queueContract } from './queue-contract.fixture.ts';
import { queueKit } from './queue-kit.fixture.ts';
import { queueWorkersContract } from './queue-workers-contract.fixture.ts';

let server: TestDatabase;
beforeAll(async () => {
  server = await testDatabase();
});
afterAll(async () => await server.drop());

const kit = queueKit(() => ({ databaseUrl: server.url, ownerUrl: server.ownerUrl }));
queueContract(kit);
queueWorkersContract(kit);
