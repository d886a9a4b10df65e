import { systemRandom } from '@causeway/kernel';
import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { createMetrics, hearHints, publicApp, type App } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { actOnConsent } from '../consents/stop-consent.ts';
import type { Consumer } from '../consumer.ts';
import { freeze } from '../freezes/service.ts';
import { sessionRoutes } from '../sessions/route.ts';
import { closeSession } from '../sessions/service.ts';
import { ask, createWorld, refOf, type World } from '../test-world.ts';
import { followSubject, takePlace } from './follow.ts';
import { eventsAfter, type EventPosition, presentPosition } from './repository.ts';
import { eventRoutes } from './route.ts';

let database: TestDatabase;
let world: World;
/** Somebody new for each test. */
let person: { scheme: string; value: string };
let ref: string;
let persons = 0;
const stops: (() => Promise<void>)[] = [];
const periodic = { fetch: 'periodic', max_uses: 2 } as const;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  world.nodes.reset();
  person = sandboxIdentifier(String((persons += 1)));
  ref = await refOf(person);
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
  await world.close();
  await database.drop();
});

const redeem = async (consent: string, lender = 'abc-bank') => {
  const { jws } = world.inquiry({ subject_ref: ref, consent: consent as never }, lender);
  return await world.redemptions.redeem({ inquiry: jws }, 'broker');
};

/** A reader of the subject's stream at some process, and what it has read so far. */
async function reader(consumer: Consumer = world.consumer, since?: EventPosition) {
  const gone = new AbortController();
  const place = await takePlace(consumer, [ref]);
  const read: { id: string; what: string }[] = [];
  const refs = async () => await Promise.resolve([ref]);
  const opened = Promise.withResolvers<void>();
  const all = (async () => {
    for await (const chunk of followSubject(consumer, { refs, since }, place, gone.signal)) {
      opened.resolve();
      const [, id = ''] = /^id: (.*)$/mu.exec(chunk) ?? [];
      const [, data] = /^data: (.*)$/mu.exec(chunk) ?? [];
      if (data === undefined) continue;
      const event = JSON.parse(data) as Record<string, string>;
      expect(Object.keys(event)).toEqual(['type', 'state', 'id']);
      read.push({ id, what: `${event['type']} ${event['state']}` });
    }
  })();
  const leave = async (): Promise<void> => {
    gone.abort();
    await all;
  };
  stops.push(leave);
  await opened.promise;
  return { read, leave, whats: () => read.map(({ what }) => what) };
}

const positionOf = (id: string): EventPosition => ({
  xact: id.split('-')[0] ?? '',
  seq: Number(id.split('-')[1]),
});

test('every change comes once, thin and in its order', async () => {
  const { whats, leave } = await reader();
  const { digest, id } = await world.consentOf(person, periodic);
  await redeem(digest);
  await actOnConsent(world.consumer, { action: 'pause', id }, { subjectRef: ref });
  await redeem(digest);
  await actOnConsent(world.consumer, { action: 'resume', id }, { subjectRef: ref });
  await redeem(digest);
  await freeze(world.consumer, { subjectRef: ref });
  await vi.waitFor(() => expect(whats().at(-1)).toBe('acknowledgement received'), 5000);
  expect(whats().filter((what) => what !== 'acknowledgement received')).toEqual([
    ...['request pending', 'consent active', 'request approved', 'access granted', 'consent paused'],
    ...['access refused', 'consent active', 'access granted', 'consent used_up', 'freeze freeze'],
  ]);
  await leave();
});

test('what one process writes comes to a reader at another, by a hint where somebody follows', async () => {
  const other = world.replica();
  const hints: string[] = [];
  const heard = hearHints({
    ...{ url: database.url, name: 'test', channel: 'subject_event', log: world.consumer.log },
    onHint: (hint) => {
      hints.push(hint);
      other.consumer.waiters.wake(hint, true);
    },
  });
  stops.push(other.close, async () => await heard.stop());
  await vi.waitFor(async () => {
    const found = await world.consumer.pool.query(
      `SELECT FROM pg_stat_activity WHERE application_name = 'test-hints' AND query LIKE 'LISTEN%'`,
    );
    expect(found.rowCount).toBe(1);
  });
  await ask(world.consumer, ref);
  const { leave, whats } = await reader(other.consumer);
  await ask(world.consumer, ref);
  await vi.waitFor(() => expect(hints).toEqual([ref]), 5000);
  // A new stream may begin a little before what is complete: what was asked before may come as well.
  await vi.waitFor(() => expect(whats()).toContain('request pending'), 5000);
  await leave();
});

describe('a reader that comes back', () => {
  test('gets what came meanwhile, and nothing twice', async () => {
    const first = await reader();
    await ask(world.consumer, ref);
    await vi.waitFor(() => expect(first.read).toHaveLength(1), 5000);
    await first.leave();
    const { digest } = await world.consentOf(person);
    await redeem(digest);
    const again = await reader(world.consumer, positionOf(first.read[0]?.id ?? ''));
    await vi.waitFor(() => expect(again.whats().at(-1)).toBe('consent used_up'), 5000);
    expect(again.whats()).toEqual([
      ...['request pending', 'consent active', 'request approved', 'access granted', 'consent used_up'],
    ]);
    await again.leave();
  });

  test('misses nothing that was begun before and committed after what it has read', async () => {
    const { consumer } = world;
    const start = await presentPosition(consumer.db);
    const slow = await consumer.pool.connect();
    await slow.query('BEGIN');
    const line = `INSERT INTO access (subject_ref, id, at_ms, lender, purpose, categories, bureaus, outcome,
      code, inquiry, use, decided_by, leaf) VALUES
      ($1, gen_random_uuid(), 1, 'abc-bank', 'POST_LOAN', '{}', '{}',
       'granted', NULL, $2, 1, 'consumer', 'x')`;
    await slow.query(line, [ref, 'slow']);
    await ask(consumer, ref);
    expect(await eventsAfter(consumer.db, [ref], start, 10)).toEqual([]);
    await slow.query('COMMIT');
    slow.release();
    // Other transactions of this server hold it up as the slow one did.
    const all = await vi.waitFor(async () => {
      const come = await eventsAfter(consumer.db, [ref], start, 10);
      expect(come.map(({ type }) => type)).toEqual(['access', 'request']);
      return come;
    }, 5000);
    const [first] = all;
    expect(await eventsAfter(consumer.db, [ref], first ?? start, 10)).toEqual(all.slice(1));
  });
});

describe('refused', () => {
  test('S54 nothing of another person comes, from whichever place one reads', async () => {
    const start = await presentPosition(world.consumer.db);
    const stranger = sandboxIdentifier('4711');
    await world.consentOf(stranger, periodic);
    const theirs = await vi.waitFor(async () => {
      const come = await eventsAfter(world.consumer.db, [await refOf(stranger)], start, 10);
      expect(come.length).toBeGreaterThan(0);
      return come;
    }, 5000);
    for (const since of [start, ...theirs, { xact: '0', seq: 0 }]) {
      expect(await eventsAfter(world.consumer.db, ['s1.1.nobody'], since, 10)).toEqual([]);
    }
  });

  test('a fifth stream of one person, in all processes together, until one has gone or is over', async () => {
    const { consumer } = world;
    const other = world.replica();
    stops.push(other.close);
    const places = [consumer, other.consumer, consumer, other.consumer].map((at) => takePlace(at, [ref]));
    await Promise.all(places);
    await expect(takePlace(other.consumer, [ref])).rejects.toMatchObject({ code: 'rate_limited' });
    await takePlace(consumer, ['s1.1.somebody-else']);
    world.clock.advance(30_000);
    expect(await takePlace(other.consumer, [ref])).toMatchObject({ refs: [ref] });
  });

  test('S60 the service cannot invent an event, or change one', async () => {
    const { pool } = world.consumer;
    const invented = `INSERT INTO subject_event (subject_ref, type, state, object)
      VALUES ('x', 'a', 'b', 'c')`;
    for (const statement of [invented, `UPDATE subject_event SET state = 'x'`]) {
      await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('over HTTP', () => {
  let app: App;
  let url: string;
  beforeAll(async () => {
    const { clock, log } = world.consumer;
    const metrics = createMetrics();
    app = await publicApp({ name: 'consumer', title: 'test', log, clock, random: systemRandom, metrics });
    sessionRoutes(app, world.consumer);
    eventRoutes(app, world.consumer);
    url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/v1/events`;
    stops.unshift(() => app.close());
  });

  const session = async (): Promise<string> => {
    const nonce = `session:${crypto.randomUUID()}`;
    const token = await world.idToken({ identity: person, nonce });
    const answer = await app.inject({ method: 'POST', url: '/v1/sessions', payload: { id_token: token } });
    return answer.json<{ session: string }>().session;
  };

  test('needs a session, in a header or a cookie and never in the address', async () => {
    const token = await session();
    for (const address of [url, `${url}?session=${token}`, `${url}?access_token=${token}`]) {
      expect((await fetch(address)).status).toBe(401);
    }
    const bad = { authorization: `Bearer ${token}`, 'last-event-id': '1-x' };
    expect((await fetch(url, { headers: bad })).status).toBe(400);
    expect((await fetch(url, { method: 'HEAD', headers: { authorization: `Bearer ${token}` } })).status).toBe(
      200,
    );
  });

  test('a stream ends with the session, and its place is free', async () => {
    const token = await session();
    const headers = { authorization: `Bearer ${token}` };
    const cookie = { cookie: `__Host-causeway-consumer=${token}` };
    const [byHeader, byCookie] = [await fetch(url, { headers }), await fetch(url, { headers: cookie })];
    expect(byHeader.headers.get('content-type')).toBe('text/event-stream');
    expect(byHeader.headers.get('cache-control')).toBe('no-store');
    await ask(world.consumer, ref);
    await closeSession(world.consumer, { headers, method: 'POST' });
    // Both end by themselves: reading to their ends returns.
    expect(await byHeader.text()).toContain(': open');
    expect(await byCookie.text()).toContain(': open');
    await vi.waitFor(async () => {
      const held = await world.consumer.pool.query('SELECT FROM follower WHERE subject_ref = $1', [ref]);
      expect(held.rowCount).toBe(0);
    });
  });

  test('closing the service ends the streams', async () => {
    const headers = { authorization: `Bearer ${await session()}` };
    const stream = await fetch(url, { headers });
    await app.close();
    expect(await stream.text()).toContain(': open');
  });
});
