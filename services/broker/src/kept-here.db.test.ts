import { keysIn } from '@causeway/member/erasure/subject-keys.fixture';
import { transaction } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keptHere } from './kept-here.ts';
import { subject } from './test-peers.ts';
import { createWorld, type World } from './test-world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => await world.close());

const restricted = Date.UTC(2026, 10, 26, 10);

/** Until when what the broker has of a subject who was restricted then must be kept. */
async function until(ref: string): Promise<string> {
  // As every process of the broker does, by its sealing key.
  const keys = keysIn(world.database, world.clock, new Uint8Array(32).fill(7));
  const of = { ref, subject: keys.handleOf(ref) };
  const ms = await transaction(world.broker.db, async (trx) => await keptHere(trx, of, restricted));
  return new Date(ms).toISOString();
}

test('S56 a broker keeps who has asked, and nothing of whom nobody has asked about', async () => {
  expect(await until(subject)).toBe('2026-11-26T10:00:00.000Z');
  await world.broker.subjectKeys.of(subject);
  expect(await until(subject)).toBe('2026-11-26T10:00:00.000Z');
  await world.accepted();
  expect(await until(subject)).toBe('2029-11-26T10:00:00.000Z');
  expect(await until(`${subject.slice(0, 5)}${'C'.repeat(42)}A`)).toBe('2026-11-26T10:00:00.000Z');
});
