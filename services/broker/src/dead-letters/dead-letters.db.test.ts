import { CausewayError } from '@causeway/protocol';
import type { App, SubjectKey } from '@causeway/service';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { Broker } from '../broker.ts';
import { runInquiry } from '../fan-out/run-inquiry.ts';
import { findInquiry } from '../inquiries/open-inquiry.ts';
import { sweep } from '../inquiries/sweep.ts';
import { testApp } from '../test-http.ts';
import { createWorld, type World } from '../test-world.ts';
import { Vault, type InquirySeal } from '../vault.ts';
import { buryJob } from './bury-job.ts';

let world: World;
let app: App;
beforeAll(async () => {
  world = await createWorld();
  app = await testApp(world.broker);
});
afterAll(async () => {
  await app.close();
  await world.close();
});
afterEach(async () => {
  world.peers.consumer = 'grant';
  world.peers.calls.length = 0;
  world.queued.length = 0;
  await world.database.pool.query('DELETE FROM inquiry_outbox');
});

const lateMs = 15 * 60_000;

/** A broker in which the work on one inquiry throws, each time it is run. */
function brokenOn(key: string, error: unknown = new RangeError('a fault of ours')): Broker {
  class BrokenVault extends Vault {
    override unlock(inquiry: string, dataKey: Buffer, of: SubjectKey): InquirySeal {
      if (inquiry === key) throw error;
      return super.unlock(inquiry, dataKey, of);
    }
  }
  return { ...world.broker, vault: new BrokenVault(world.broker.random) };
}

async function run(broker: Broker, key: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await runInquiry(broker, key);
}

/** Accepted, failed five times, and so set aside. */
async function parked(): Promise<string> {
  const key = await world.accepted();
  await run(brokenOn(key), key, 5);
  world.queued.length = 0;
  return key;
}

async function http(method: 'GET' | 'POST', url: string, member?: string) {
  const headers = member === undefined ? {} : { 'x-test-member': member };
  const answer = await app.inject({ method, url, headers });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

const list = async () =>
  (await http('GET', '/v1/dead-letters', 'broker')).body['items'] as Record<string, unknown>[];
const ids = async () => (await list()).map(({ id }) => id);
const replay = async (key: string, member?: string) =>
  await http('POST', `/v1/dead-letters/${key}/replay`, member ?? 'broker');
const stateOf = async (key: string) => (await findInquiry(world.broker.db, key))?.state;

/** What the sweeper does within the next while. */
async function swept(afterMs: number): Promise<string[]> {
  world.queued.length = 0;
  world.clock.advance(afterMs);
  await sweep(world.broker);
  return world.queued.map(({ inquiry }) => inquiry);
}

describe('an inquiry whose work throws', () => {
  test('S85 is tried again four times and set aside the fifth, with code and attempts, once', async () => {
    const key = await world.accepted();
    const broken = brokenOn(key);
    await run(broken, key, 4);
    expect([await ids(), world.queued.filter(({ delayMs }) => delayMs > 0)]).toEqual([[], expect.any(Array)]);
    expect(world.queued.filter(({ delayMs }) => delayMs > 0)).toHaveLength(4);
    await run(broken, key, 1);
    expect(world.queued.filter(({ delayMs }) => delayMs > 0)).toHaveLength(4);
    expect(await list()).toMatchObject([
      { id: key, lender: 'abc-bank', lane: 'front', reason: 'failed', code: 'internal', attempts: 5 },
    ]);
    await run(broken, key, 3);
    expect(await ids()).toEqual([key]);
  });

  test('S85 is not swept while it is set aside, and others are', async () => {
    const key = await parked();
    const other = await world.accepted();
    for (let round = 0; round < 5; round += 1) expect(await swept(10_000)).toEqual([other]);
    expect([await stateOf(key), await ids()]).toEqual(['accepted', [key]]);
  });

  test('has failed for its lender only when it can be answered no more, and is then over', async () => {
    const key = await parked();
    await swept(60_000 + lateMs - 5000);
    expect(await stateOf(key)).toBe('accepted');
    await swept(6000);
    expect(await stateOf(key)).toBe('failed');
    expect((await findInquiry(world.broker.db, key))?.code).toBe('internal');
    expect(await ids()).toEqual([]);
    const before = await world.rows();
    expect(await replay(key)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(await world.rows()).toEqual(before);
    expect(world.queued).toEqual([]);
  });
});

describe('what is not its own fault', () => {
  test.each<[string, unknown]>([
    ['a database that is away', Object.assign(new Error('x'), { code: '57P01' })],
    ['a connection that was cut', Object.assign(new Error('x'), { code: 'ECONNRESET' })],
    ['a deadlock', Object.assign(new Error('x'), { code: '40P01' })],
    ['a full disk', Object.assign(new Error('x'), { code: '53100' })],
    ['a standby that has taken over', Object.assign(new Error('x'), { code: '25006' })],
    ['a directory that has expired', new CausewayError('not_ready')],
    ['a member that does not answer', new CausewayError('unavailable')],
  ])('S85 %s is waited for and never set aside', async (_, error) => {
    const key = await world.accepted();
    await run(brokenOn(key, error), key, 12);
    expect(await ids()).toEqual([]);
    expect(world.queued.filter(({ inquiry, delayMs }) => inquiry === key && delayMs > 0)).toHaveLength(12);
    await run(world.broker, key, 1);
    expect(await stateOf(key)).toBe('complete');
  });

  test('S85 bureaus and a consumer service that fail and fail set nothing aside', async () => {
    // With bulkheads of its own: those of the other tests stay whole.
    const elsewhere = world.another();
    world.peers.consumer = 'away';
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'internal' }]);
    const key = await world.accepted();
    await run(elsewhere, key, 6);
    world.peers.consumer = 'grant';
    for (let time = 0; time < 6; time += 1) {
      await run(elsewhere, key, 1);
      world.clock.advance(2000);
    }
    expect([await ids(), await stateOf(key)]).toEqual([[], 'running']);
    world.peers.bureaus.clear();
  });
});

describe('a job that the queue has given up', () => {
  test('S85 because it ended its process each time is set aside at once', async () => {
    const key = await world.accepted();
    await buryJob(world.broker, key, { reason: 'crashed', attempts: 5 });
    await buryJob(world.broker, key, { reason: 'crashed', attempts: 5 });
    expect(await list()).toMatchObject([{ id: key, reason: 'crashed', code: 'internal', attempts: 10 }]);
  });

  test('because it hung is counted once: a store that stands still makes all hang', async () => {
    const key = await world.accepted();
    for (let time = 0; time < 4; time += 1) {
      await buryJob(world.broker, key, { reason: 'timed_out', attempts: 5 });
    }
    expect(await ids()).toEqual([]);
    await buryJob(world.broker, key, { reason: 'timed_out', attempts: 5 });
    expect(await list()).toMatchObject([{ id: key, reason: 'timed_out', attempts: 5 }]);
  });

  test('because the database was away is left to the sweeper', async () => {
    const key = await world.accepted();
    const error = Object.assign(new Error('x'), { code: '57P03' });
    for (let time = 0; time < 9; time += 1) {
      await buryJob(world.broker, key, { reason: 'failed', attempts: 5, error });
    }
    expect([await ids(), await swept(5000)]).toEqual([[], [key]]);
  });

  test('though it is finished leaves nothing', async () => {
    const key = await world.accepted();
    await run(world.broker, key, 1);
    const before = await world.rows();
    await buryJob(world.broker, key, { reason: 'crashed', attempts: 5 });
    expect([await world.rows(), await ids()]).toEqual([before, []]);
  });
});

describe('replay', () => {
  test('S85 takes it up again in its lane, with a clean count, and it completes', async () => {
    const key = await parked();
    expect(await replay(key)).toEqual({ status: 202, body: { id: key, state: 'replayed' } });
    expect(world.queued).toEqual([{ inquiry: key, delayMs: 0, lane: 'front' }]);
    expect(await ids()).toEqual([]);
    await run(brokenOn(key), key, 4);
    expect(await ids()).toEqual([]);
    await run(world.broker, key, 1);
    expect(await stateOf(key)).toBe('complete');
  });

  test('S85 of what still fails sets it aside again, and counts on', async () => {
    const key = await parked();
    await replay(key);
    await run(brokenOn(key), key, 5);
    expect(await list()).toMatchObject([{ id: key, attempts: 10 }]);
  });

  test('S85 asks for consent anew: what was revoked is refused, and no bureau is asked', async () => {
    const key = await parked();
    world.peers.consumer = 'consent_revoked';
    await replay(key);
    await run(world.broker, key, 1);
    const row = await findInquiry(world.broker.db, key);
    expect([row?.state, row?.code]).toEqual(['refused', 'consent_revoked']);
    expect(world.peers.calls.map(({ path }) => path)).toEqual(['/v1/grants']);
  });

  test('S85 is done once, however many ask for it at once', async () => {
    const key = await parked();
    const answers = await Promise.all(Array.from({ length: 10 }, async () => await replay(key)));
    const statuses = answers.map(({ status }) => status);
    expect([202, 409].map((status) => statuses.filter((each) => each === status).length)).toEqual([1, 9]);
    expect(world.queued).toHaveLength(1);
  });

  test('is lost by nobody: the sweeper queues what the queue did not take', async () => {
    const key = await parked();
    await replay(key);
    expect(await swept(3001)).toEqual([key]);
  });

  test('404 for what is no letter, whether there is such an inquiry or not; nothing written', async () => {
    const key = await world.accepted();
    const before = await world.rows();
    world.queued.length = 0;
    const bare = ({ request_id: _id, ...rest }: Record<string, unknown>) => rest;
    const [open, absent] = [await replay(key), await replay('0199aaaa-0000-7000-8000-000000000001.abc-bank')];
    expect([open.status, bare(open.body)]).toEqual([404, bare(absent.body)]);
    expect([await world.rows(), world.queued]).toEqual([before, []]);
  });

  test('S1 S68 is for the operator of the broker: a lender is refused, its own inquiry or not', async () => {
    const key = await parked();
    for (const [member, status, code] of [
      [undefined, 401, 'token_missing'],
      ['abc-bank', 403, 'scope_insufficient'],
      ['evergreen', 403, 'scope_insufficient'],
    ] as const) {
      for (const answer of [
        await http('GET', '/v1/dead-letters', member),
        await http('POST', `/v1/dead-letters/${key}/replay`, member),
      ]) {
        expect(answer).toMatchObject({ status, body: { code } });
      }
    }
    expect([await ids(), world.queued]).toEqual([[key], []]);
  });

  test('S98 the list says nothing about a person', async () => {
    await parked();
    const text = JSON.stringify(await list());
    expect(text).not.toMatch(/s1\.1\.|eyJ|LOAN_APPROVAL|op-1/u);
  });
});
