import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { createWorld, type World } from '../test-world.ts';
import { deliverRefusals } from './deliver.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => await world.close());
beforeEach(async () => {
  world.peers.consumer = 'grant';
  world.peers.refusals.length = 0;
  await world.broker.db.deleteFrom('refusal_outbox').execute();
});

const refused = async () => await world.post(world.inquiry({ purpose: 'COLLECTION' }));
const waiting = async () => (await world.rows())['refusal_outbox'];

test('an early refusal reaches the consumer service with its inquiry, once', async () => {
  const answer = await refused();
  await Promise.all([deliverRefusals(world.broker), deliverRefusals(world.another())]);
  await deliverRefusals(world.broker);
  expect(world.peers.refusals).toHaveLength(1);
  expect(answer).toMatchObject({ refused: { refusal: world.peers.refusals[0]?.refusal } });
  expect(await waiting()).toBe(0);
});

test('while the consumer service is away it stays, and goes out within a minute of its return', async () => {
  world.peers.consumer = 'away';
  await refused();
  for (let round = 0; round < 10; round += 1) {
    await deliverRefusals(world.broker);
    world.clock.advance(10_000);
  }
  expect(world.peers.refusals).toEqual([]);
  expect(await waiting()).toBe(1);
  world.peers.consumer = 'grant';
  world.clock.advance(30_000);
  await deliverRefusals(world.broker);
  expect(world.peers.refusals).toHaveLength(1);
  expect(await waiting()).toBe(0);
});

test('an accepted inquiry has nothing to deliver', async () => {
  await world.accepted();
  await deliverRefusals(world.broker);
  expect(world.peers.refusals).toEqual([]);
});
