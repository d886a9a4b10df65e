import { directoryWith, entryOf, subject } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { sweepDisputes } from './sweep.ts';
import { laterRef, nativeWorld } from './test-native.ts';
import type { NativeWorld } from './test-native.ts';
import { deskOf } from './test-desk.ts';

let database: TestDatabase;
let world: NativeWorld;
let desk: ReturnType<typeof deskOf>;
const loan = 'loan-L1';
const dayMs = 86_400_000;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await nativeWorld(database);
});
beforeEach(async () => {
  await world.reset();
  desk = deskOf(world);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

async function taken(): Promise<string> {
  const { claims, jws } = desk.opening({ record: loan, subject_refs: [subject, laterRef] });
  expect((await desk.deliver(jws)).status).toBe(202);
  return claims.jti;
}
const shownLoan = async () => (await world.shown()).find(({ record_id }) => record_id === loan);
/** The rules of a place where what nobody verifies in time is deleted, and more than that time. */
async function lapse(): Promise<void> {
  world.clock.advance(32 * dayMs);
  await sweepDisputes(desk.bureau);
}
const inAmerica = () => {
  world.directory.current = directoryWith([entryOf('central', { jurisdiction: 'US' })]).view;
};
const balance = (value: string) => {
  world.held[0] = { ...world.held[0], balance: value } as (typeof world.held)[number];
};

describe('a dispute about what lies in a native system, of which the time runs out', () => {
  beforeEach(inAmerica);

  it('takes the item out of every answer, as the system says it by then', async () => {
    const id = await taken();
    await world.shown();
    balance('90');
    await lapse();
    expect((await desk.look(`/${id}`)).body).toMatchObject({ state: 'deleted', overdue: true });
    expect(await shownLoan()).toBeUndefined();
    await desk.send();
    const [ended] = desk.consumer.received.filter(({ body }) => body.recipients !== undefined);
    expect(ended?.handling.claims).toMatchObject({ event: 'lapse', outcome: 'deleted' });
    expect(ended?.body.recipients).toHaveLength(1);
    expect(await shownLoan()).toBeUndefined();
  });

  it('does not wait for the system: while it is away, the item goes whatever it will say', async () => {
    const id = await taken();
    world.system.quirks.code = '3001';
    await lapse();
    expect((await desk.look(`/${id}`)).body).toMatchObject({ state: 'deleted' });
    expect(world.log()).toContain('dispute_source_away');
    delete world.system.quirks.code;
    expect(await shownLoan()).toBeUndefined();
    balance('90');
    expect(await shownLoan()).toBeUndefined();
    expect((await world.shown()).length).toBeGreaterThan(0);
  });

  it('is swept by several processes, and ends once', async () => {
    const id = await taken();
    world.clock.advance(32 * dayMs);
    await Promise.all([1, 2, 3].map(async () => await sweepDisputes(desk.bureau)));
    const { body } = await desk.look(`/${id}`);
    const steps = (body['steps'] as { event: string }[]).filter(({ event }) => event === 'lapse');
    expect([body['state'], steps.length]).toEqual(['deleted', 1]);
    expect(await sweepDisputes(desk.bureau)).toBe(0);
  });
});

describe('a subject who is erased', () => {
  const erase = async () => {
    for (const ref of [subject, laterRef]) await world.pool.query("SELECT bury_subject($1, 'x')", [ref]);
  };

  it('S56 takes disputes and their items along, and nobody acts on them', async () => {
    const id = await taken();
    await erase();
    expect([await world.count('native_item'), await world.count('dispute')]).toEqual([0, 0]);
    for (const what of ['answer', 'correction', 'deletion'])
      expect((await desk.act(id, what, { by: 'zhang' })).body['code']).toBe('not_found');
    expect(await world.count('native_item')).toBe(0);
  });

  it('S56 between question and dispute leaves no item behind', async () => {
    const handOn = await world.heldBack([taken]);
    await erase();
    await handOn();
    await desk.send();
    expect(desk.consumer.received.map(({ handling }) => handling.claims.reason)).toEqual(['no_such_item']);
    expect(await world.count('native_item')).toBe(0);
  });
});
