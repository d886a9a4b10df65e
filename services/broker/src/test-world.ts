import { noFaults, seconds, systemRandom, type Clock } from '@causeway/kernel';
import { keysIn } from '@causeway/member/erasure/subject-keys.fixture';
import { sign, type UnsignedClaims } from '@causeway/protocol';
import { testDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog, Waiters } from '@causeway/service';
import type { Lane } from '@causeway/service/queue';
import { sql } from 'kysely';

import type { Broker } from './broker.ts';
import { bulkheadPerBureau } from './fan-out/bulkheads.ts';
import { Pace } from './fan-out/pace.ts';
import { accept, judgeReceived } from './inquiries/accept.ts';
import { callsOf } from './calls.ts';
import { Backlog } from './inquiries/backlog.ts';
import { stepsOf } from './steps.ts';
import type { BrokerTables } from './tables.ts';
import { fed, TestMembers } from './test-members.ts';
import { subject, TestPeers } from './test-peers.ts';
import { Vault } from './vault.ts';

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

function testClock(): TestClock {
  let nowMs = Date.UTC(2026, 10, 22, 8);
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

const counted = [
  'inquiry',
  'inquiry_bureau',
  'inquiry_round',
  'inquiry_disclosure',
  'inquiry_report',
  'inquiry_outbox',
  'refusal_outbox',
  'dead_letter',
  'leaf_staging',
];

/** The broker's features over a real database; its peers are made up but really sign. */
export async function createWorld() {
  const testDb = await testDatabase({ migrations: 'broker' });
  const log = createLog({ name: 'test', level: 'silent' });
  const database = createDatabase<BrokerTables>({ url: testDb.url, name: 'broker-test', max: 16, log });
  const clock = testClock();
  const members = new TestMembers(clock);
  const peers = new TestPeers(members, clock);
  const sealing = new Uint8Array(32).fill(7);
  const queued: { inquiry: string; delayMs: number; lane?: Lane | undefined }[] = [];
  const directory = { view: () => members.view, refresh: async (): Promise<undefined> => undefined };
  const store = { pool: database.pool, me: 'broker', clock, directory, faults: noFaults };
  const wire = {
    federation: { call: peers.call },
    bulkhead: bulkheadPerBureau(clock),
    consumer: () => 'consumer',
  };
  const broker: Broker = {
    fed,
    me: 'broker',
    key: members.key('broker'),
    clock,
    random: systemRandom,
    log,
    faults: noFaults,
    db: database.db,
    pool: database.pool,
    vault: new Vault(systemRandom),
    subjectKeys: keysIn(database, clock, sealing),
    directory,
    ...{ federation: wire.federation, bulkhead: wire.bulkhead },
    fresh: { begin: ({ key }, lane) => void queued.push({ inquiry: key, delayMs: 0, lane }) },
    pace: new Pace({ places: 8, backgroundMax: 3, holdMs: 1000 }).front,
    queue: {
      start: (inquiry, lane) => void queued.push({ inquiry, delayMs: 0, lane }),
      retry: (inquiry, delayMs, lane) => void queued.push({ inquiry, delayMs, lane }),
    },
    ...{ steps: stepsOf(store), calls: callsOf({ ...store, ...wire }) },
    backlog: new Backlog(),
    waiters: new Waiters(),
  };
  /** Another process of the same broker: its own memory, the same database. */
  const another = (): Broker => {
    const bulkhead = bulkheadPerBureau(clock);
    const calls = callsOf({ ...store, ...wire, bulkhead });
    const subjectKeys = keysIn(database, clock, sealing);
    return { ...broker, waiters: new Waiters(), bulkhead, calls, steps: stepsOf(store), subjectKeys };
  };
  const inquiry = (change: Partial<UnsignedClaims<'inquiry'>> = {}, lender = 'abc-bank'): string => {
    const now = seconds(clock);
    const claims: UnsignedClaims<'inquiry'> = {
      aud: 'broker',
      exp: now + 3600,
      subject_ref: subject,
      consent: peers.consent.digest,
      purpose: 'LOAN_APPROVAL',
      categories: ['ACCOUNT_SUMMARY'],
      profile: 'report',
      operator: 'op-1',
      deadline: now + 60,
      delivery: 'merged',
      ...change,
    };
    return sign('inquiry', claims, { key: members.key(lender), fed, clock, random: systemRandom }).jws;
  };
  const post = async (jws: string, at = broker) => await accept(at, judgeReceived(at, jws));
  /** Accepts an inquiry and returns its key. */
  const accepted = async (jws = inquiry()): Promise<string> => {
    const answer = await post(jws);
    if ('refused' in answer) throw new Error(`refused: ${answer.refused.code}`);
    return answer.accepted.key;
  };
  /** How many rows each table has, by name; every refusal must leave it as it was. */
  const rows = async (): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const table of counted) {
      const found = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(
        database.db,
      );
      counts[table] = found.rows[0]?.n ?? 0;
    }
    return counts;
  };
  const close = async (): Promise<void> => {
    await database.close();
    await testDb.drop();
  };
  return { broker, another, clock, members, peers, queued, inquiry, post, accepted, rows, close, database };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
