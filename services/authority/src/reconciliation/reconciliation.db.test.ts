import { systemClock } from '@causeway/kernel/system';
import { sha256Digest } from '@causeway/protocol/digest';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { type Database, createDatabase } from '@causeway/service/database';
import type { Timer } from '@causeway/service/every';
import { createMetrics } from '@causeway/service/metrics';
import { publicApp } from '@causeway/service/public-app';
import { memoryLog, systemRandom } from '@causeway/service/shell.fixture';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AuthorityTables } from '../tables.ts';
import type { Recorded } from './pairing.fixture.ts';
import { startReconciler } from './reconciler.ts';
import { reconciliationRoute } from './route.ts';
import { type TestLedgers, startLedgers } from './test-ledgers.ts';

let server: TestDatabase;
let database: Database<AuthorityTables>;
let ledgers: TestLedgers;
let running: Timer[];
const { log, lines } = memoryLog();

beforeAll(async () => {
  ledgers = await startLedgers();
});
afterAll(async () => await ledgers.close());
beforeEach(async () => {
  server = await testDatabase({ migrations: 'authority' });
  database = createDatabase({ url: server.url, name: 'test', log });
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map(async (timer) => await timer.stop()));
  ledgers.reset();
  await database.close();
  await server.drop();
});

/** A replica of the authority that reconciles. */
function start(clock = systemClock): Timer {
  const directory = { latest: () => ledgers.view };
  const timer = startReconciler({
    ...{
      db: database.db,
      pool: database.pool,
      authority: 'authority',
      directory,
      federation: ledgers.client,
    },
    ...{ clock, log, graceMs: 0, periodMs: 30 },
  });
  running.push(timer);
  return timer;
}

/** What `GET /v1/reconciliation` answers. */
async function state() {
  const app = await publicApp({
    ...{ log, clock: systemClock, random: systemRandom, name: 'authority', title: 't' },
    ...{ metrics: createMetrics(), exposeMetrics: false },
  });
  reconciliationRoute(app, { db: database.db, directory: { view: () => ledgers.view }, clock: systemClock });
  const { body, statusCode } = await app.inject('/v1/reconciliation');
  await app.close();
  expect(statusCode).toBe(200);
  return JSON.parse(body) as {
    members: { member: string; position: number; size: number; behind: boolean; read_at_ms: number | null }[];
    legs: { paired: number };
    inquiries: { waiting: number };
    alarms_total: number;
    alarms_open: number;
    alarms: {
      kind: string;
      member: string;
      index: number;
      inquiry: string;
      use: number;
      at_ms: number;
      closed_at_ms?: number;
    }[];
  };
}
const alarms = async () => (await state()).alarms.map(({ at_ms: _at, ...alarm }) => alarm);
const eventually = async (check: () => Promise<unknown>) => await vi.waitFor(check, { timeout: 15_000 });
const paired = async (legs: number) =>
  await eventually(async () => expect((await state()).legs.paired).toBe(legs));

/** Waits until so many leaves of the consumer service have been read. */
const readUpTo = async (position: number) =>
  await eventually(async () => expect((await state()).members[1]).toMatchObject({ position }));

/** Waits until each of these has been asked twice more: what was there before has been judged by then. */
async function roundsPass(members = ['consumer', 'broker', 'central']): Promise<void> {
  const before = members.map((member) => ledgers.asked(member).length);
  const more = () => members.every((member, n) => ledgers.asked(member).length > (before[n] ?? 0) + 4);
  await eventually(async () => expect(more()).toBe(true));
}

const inquiry = sha256Digest('inquiry');
const leaf = (typ: string, member: string, more: Partial<Recorded> = {}): Recorded => ({
  ...{
    typ,
    member,
    iss: member,
    aud: 'abc-bank',
    digest: sha256Digest(`${typ} of ${member}`),
    inquiry,
    use: 1,
  },
  ...more,
});
const asks = leaf('inquiry', 'broker', { digest: inquiry, iss: 'abc-bank', aud: 'broker', use: null });
const grants = leaf('grant', 'consumer', { aud: 'central' });
const grantsBroker = leaf('grant', 'consumer', { aud: 'broker', digest: sha256Digest('of the broker') });
const discloses = leaf('disclosure', 'central');
const reports = leaf('report', 'broker');

/** A correct inquiry in all ledgers. */
function recordAll(): void {
  for (const each of [asks, grants, grantsBroker, discloses, reports]) ledgers.record(each);
}

test('all legs of a correct inquiry pair, once, however often it is read', async () => {
  recordAll();
  start();
  await paired(5);
  await roundsPass();
  const { inquiries, legs, members } = await state();
  expect([legs.paired, inquiries.waiting, await alarms()]).toEqual([5, 0, []]);
  expect(members.map(({ behind, member, position, size }) => [member, position, size, behind])).toEqual([
    ['authority', 0, 0, false],
    ['consumer', 2, 2, false],
    ['broker', 2, 2, false],
    ['central', 1, 1, false],
  ]);
});

test('a disclosure without a grant is one alarm, in the log too, and stays one', async () => {
  ledgers.record(asks);
  const index = ledgers.record(discloses);
  start();
  const expected = [{ kind: 'disclosure_without_grant', member: 'central', index, inquiry, use: 1 }];
  await eventually(async () => expect(await alarms()).toEqual(expected));
  await roundsPass();
  expect(await alarms()).toEqual(expected);
  const told = lines()
    .split('\n')
    .filter((line) => line.includes('"reason":"disclosure_without_grant"'));
  expect(told).toHaveLength(1);
  expect(JSON.parse(told[0] ?? '')).toMatchObject({
    alarm: true,
    member: 'central',
    index,
    digest: inquiry,
    use: 1,
  });
});

test('an alarm is closed, and stays, once what was missing has come; a second answer is not', async () => {
  ledgers.record(asks);
  const index = ledgers.record(discloses);
  const again = ledgers.record(leaf('disclosure', 'central', { digest: sha256Digest('again') }));
  start();
  const open = [
    { kind: 'disclosure_without_grant', member: 'central', index, inquiry, use: 1 },
    { kind: 'disclosure_without_grant', member: 'central', index: again, inquiry, use: 1 },
    { kind: 'second_answer', member: 'central', index: again, inquiry, use: 1 },
  ];
  await eventually(async () => expect(await alarms()).toHaveLength(3));
  expect(await alarms()).toEqual(expect.arrayContaining(open));
  ledgers.record(leaf('grant', 'consumer', { aud: 'broker', digest: sha256Digest('for another') }));
  await roundsPass();
  expect(await state()).toMatchObject({ alarms_total: 3, alarms_open: 3 });
  ledgers.record(grants);
  await eventually(async () => expect((await state()).alarms_open).toBe(1));
  await roundsPass();
  const after = await state();
  expect([after.alarms_total, after.alarms_open]).toEqual([3, 1]);
  const stillOpen = after.alarms.filter(({ closed_at_ms }) => closed_at_ms === undefined);
  expect(stillOpen.map(({ kind }) => kind)).toEqual(['second_answer']);
  const told = lines()
    .split('\n')
    .filter((line) => line.includes('reconciliation_alarm') && line.includes('"alarm":false'));
  expect(told).toHaveLength(2);
});

describe('a node that', () => {
  test('does not answer holds up its own ledger only, and gives no false alarm', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const hang = async (page: object) => {
      await promise;
      return page;
    };
    ledgers.spoil('consumer', hang);
    recordAll();
    const again = ledgers.record(leaf('disclosure', 'central', { digest: sha256Digest('again') }));
    start();
    const second = { kind: 'second_answer', member: 'central', index: again, inquiry, use: 1 };
    await eventually(async () => expect(await alarms()).toEqual([second]));
    await roundsPass(['broker', 'central']);
    const { inquiries, members } = await state();
    expect(inquiries.waiting).toBe(1);
    expect(members.flatMap(({ behind, member }) => (behind ? [member] : []))).toEqual(['consumer']);
    ledgers.spoil('consumer');
    resolve();
    await paired(6);
    expect(await alarms()).toEqual([second]);
  });

  test('has leaves without a place is waited for until they have it', async () => {
    ledgers.spoil('consumer', (page) => ({ ...page, lag_ms: 60_000 }));
    ledgers.record(asks);
    ledgers.record(discloses);
    start();
    await roundsPass();
    expect([await alarms(), (await state()).inquiries.waiting]).toEqual([[], 1]);
    ledgers.record(grants);
    ledgers.spoil('consumer');
    await paired(3);
    expect(await alarms()).toEqual([]);
  });

  test.each<[string, (page: object) => unknown]>([
    ['an unknown member', (page) => ({ ...page, more: 1 })],
    [
      'a reference of a subject',
      (page) => ({ ...page, leaves: [{ ...ledgers.ledger('central')[0], subject_ref: 's1' }] }),
    ],
    [
      'more than was asked for',
      (page) => ({ ...page, leaves: [...ledgers.ledger('central'), ledgers.ledger('central')[0]] }),
    ],
    ['a negative size', (page) => ({ ...page, size: -1 })],
    ['no JSON', () => 'rubbish'],
  ])('answers with %s is not believed, and nothing of it is kept', async (_what, how) => {
    recordAll();
    ledgers.spoil('central', how);
    start();
    await paired(4);
    await roundsPass(['central']);
    const central = (await state()).members.find(({ member }) => member === 'central');
    expect(central).toMatchObject({ position: 0, size: 0, read_at_ms: null, behind: true });
    ledgers.spoil('central');
    await paired(5);
    expect(await alarms()).toEqual([]);
  });

  test('is suspended is read no more, and does not keep others from being judged for ever', async () => {
    ledgers.suspend('broker');
    const index = ledgers.record(discloses);
    ledgers.record(grants);
    start();
    await eventually(async () =>
      expect((await alarms()).map(({ kind }) => kind).toSorted()).toEqual([
        'disclosure_without_inquiry',
        'grant_without_inquiry',
      ]),
    );
    expect((await alarms()).map((alarm) => alarm.index)).toEqual([index, 0]);
    expect(ledgers.asked('broker')).toEqual([]);
  });
});

describe('S51 a ledger that was read and is not what it was', () => {
  beforeEach(async () => {
    recordAll();
    for (let n = 0; n < 40; n += 1)
      ledgers.record(
        leaf('status', 'consumer', { inquiry: null as never, use: null, digest: sha256Digest(`${n}`) }),
      );
    start();
    await paired(5);
    await readUpTo(42);
  });

  test.each([0, 1, 30, 41])('names the leaf %i that has changed', async (index) => {
    const held = ledgers.ledger('consumer')[index];
    ledgers.ledger('consumer').splice(index, 1, { ...held, digest: sha256Digest('another') } as never);
    const of = index < 2 ? { inquiry, use: 1 } : { inquiry: null, use: null };
    const expected = [{ kind: 'leaf_changed', member: 'consumer', index, ...of }];
    await eventually(async () => expect(await alarms()).toEqual(expected));
  });

  test('names the size that it shrank to, and what is gone', async () => {
    ledgers.ledger('consumer').length = 41;
    const expected = [
      { kind: 'leaf_missing', member: 'consumer', index: 41, inquiry: null, use: null },
      { kind: 'ledger_shrank', member: 'consumer', index: 41, inquiry: null, use: null },
    ];
    await eventually(async () => expect(await alarms()).toEqual(expected));
    const consumer = (await state()).members[1];
    expect(consumer).toMatchObject({ position: 42, size: 42 });
  });
});

describe('replicas', () => {
  test('one reads at a time, and another goes on where it ended', async () => {
    recordAll();
    const first = start();
    await paired(5);
    const second = start();
    await roundsPass();
    await first.stop();
    ledgers.record(leaf('grant', 'consumer', { aud: 'central', digest: sha256Digest('renewed') }));
    await paired(6);
    await second.stop();
    expect(await alarms()).toEqual([]);
    expect(lines()).not.toContain('another replica has read on');
  });
});

test('S60 the service can neither change nor remove what was read and found', async () => {
  const attempts = [
    'UPDATE opening SET digest = digest',
    'DELETE FROM opening',
    'TRUNCATE opening',
    'UPDATE reconciliation_alarm SET kind = kind',
    'DELETE FROM reconciliation_alarm',
    'UPDATE reconciliation_alarm_closed SET at_ms = 0',
    'DELETE FROM reconciliation_alarm_closed',
    'TRUNCATE reconciliation_alarm',
    'DELETE FROM ledger_position',
    'DELETE FROM reconciled',
    'INSERT INTO reconciled_total (paired) VALUES (1)',
  ];
  for (const attempt of attempts) {
    await expect(database.pool.query(attempt)).rejects.toThrow('permission denied');
  }
});
