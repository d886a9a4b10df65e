import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll } from 'vitest';

import { queueContract } from './queue-contract.fixture.ts';

let server: TestDatabase;
beforeAll(async () => {
  server = await testDatabase();
});
afterAll(async () => await server.drop());

queueContract(() => ({ databaseUrl: server.url, ownerUrl: server.ownerUrl }));
