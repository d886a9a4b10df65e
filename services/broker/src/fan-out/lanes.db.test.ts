import { systemClock } from '@causeway/kernel/system';
import type { Lane } from '@causeway/service/queue';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type { Broker } from '../broker.ts';
import { callsOf } from '../calls.ts';
import { accept, judgeReceived } from '../inquiries/accept.ts';
import { findInquiry } from '../inquiries/open-inquiry.ts';
import { createWorld, type World } from '../test-world.ts';
import { bulkheadPerBureau } from './bulkheads.ts';
import { openLanes, type Lanes } from './lanes.ts';

const batchItems = 1000;
const patient = { timeout: 30_000, interval: 20 };

let world: World;
let queueDatabase: TestDatabase;
let lanes: Lanes;
let broker: Broker;
beforeAll(async () => {
  world = await createWorld();
  queueDatabase = await testDatabase();
  const backend = { databaseUrl: queueDatabase.url, ownerUrl: queueDatabase.ownerUrl };
  const { log, random } = world.broker;
  lanes = await openLanes({ backend, prefix: '{t}', log, clock: systemClock, random });
  // The rate of a bureau by the real clock, since the world's own stands still.
  const bulkhead = bulkheadPerBureau(systemClock);
  const fresh = {
    begin: ({ key }: { key: string }, lane: Lane): void => lanes.queue.start(key, lane),
  };
  const calls = callsOf({ ...world.broker, bulkhead, consumer: () => 'consumer' });
  broker = { ...world.broker, bulkhead, calls, fresh, queue: lanes.queue, pace: lanes.pace.front };
});
afterAll(async () => {
  await lanes.close();
  await queueDatabase.drop();
  await world.close();
});

const finished = async (): Promise<number> => {
  const rows = await world.broker.db
    .selectFrom('inquiry')
    .where('finished_ms', 'is not', null)
    .select('inquiry')
    .execute();
  return rows.length;
};

test('behind 1,000 batch inquiries whose bureau holds every one, a person is served at once', async () => {
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  let asked = 0;
  world.peers.bureaus.set('central', [{ say: 'hold', asked: () => (asked += 1), until }]);
  await lanes.work(broker, { calls: callsOf({ ...broker, consumer: () => 'consumer' }) });
  for (let at = 0; at < batchItems; at += 1) {
    await accept(broker, judgeReceived(broker, world.inquiry()), 'batch');
  }
  await vi.waitFor(() => expect(asked).toBeGreaterThan(2), patient);
  const held = asked;
  expect(await finished()).toBe(0);

  world.peers.bureaus.clear();
  world.peers.calls.length = 0;
  const answer = await accept(broker, judgeReceived(broker, world.inquiry()));
  const person = 'accepted' in answer ? answer.accepted.key : '';
  const state = async () => (await findInquiry(world.broker.db, person))?.state;
  await vi.waitFor(async () => expect(await state()).toBe('complete'), patient);
  // Hardly any of the batch went by meanwhile, though nothing but its own lane holds it up by now.
  expect(await finished()).toBeLessThan(batchItems / 4);
  expect(held).toBeLessThan(20);
  release();
});
