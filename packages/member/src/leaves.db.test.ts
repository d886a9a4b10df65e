import { noFaults } from '@causeway/kernel';
import { createDatabase, createLog, hotTransaction, transaction } from '@causeway/service';
import type { Database } from '@causeway/service';
import { noteSigner } from '@causeway/ledger';
import type { LeafOpening } from '@causeway/ledger';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { sql } from 'kysely';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { createIntegrator } from './ledger/integrator.ts';
import { requireProven } from './ledger/proven-ledger.fixture.ts';
import { stageLeaf, withHotReceipts, withReceipts } from './leaves.ts';
import { recordOnce } from './once.ts';
import { sequenceRound, startSequencer } from './sequencer.ts';
import {
  batchStatus,
  lockBatchShared,
  lockSubjectsExclusive,
  lockSubjectsShared,
  subjectStopped,
} from './status-lock.ts';

const log = createLog({ name: 'test', level: 'silent' });
const signer = noteSigner('causeway/test/broker', 'note', new Uint8Array(32).fill(7));
let server: TestDatabase;
let database: Database<unknown>;

beforeAll(async () => {
  server = await testDatabase({ migrations: 'broker' });
  database = createDatabase({ url: server.url, name: 'test', log });
});
afterAll(async () => {
  await proveLedger();
  await database.close();
  await server.drop();
});
afterEach(checkLedger);

const digestOf = (name: string): LeafOpening['digest'] => `sha-256:${name.padEnd(43, 'A')}`;
const opening = (name: string): LeafOpening => ({
  typ: 'inquiry',
  digest: digestOf(name),
  inquiry: null,
  use: null,
  iss: 'abc-bank',
  aud: 'broker',
  at_ms: 1_780_000_000_000,
  outcome: null,
});

async function digests(): Promise<string[]> {
  const { rows } = await database.pool.query<{ digest: string }>('SELECT digest FROM leaf ORDER BY idx');
  return rows.map((row) => row.digest);
}

/** After every test: indexes dense from 0, size equal to their number. */
async function checkLedger(): Promise<void> {
  const { rows } = await database.pool.query<{ idx: number }>('SELECT idx FROM leaf ORDER BY idx');
  expect(rows.map((row) => row.idx)).toEqual(rows.map((_, at) => at));
  const state = await database.pool.query<{ size: number }>('SELECT size FROM ledger_state');
  expect(state.rows).toEqual([{ size: rows.length }]);
}

/** After all: the whole of it makes a tree that proves itself. */
async function proveLedger(): Promise<void> {
  const { pool } = database;
  const clock = { now: () => 0, monotonic: () => 0 };
  const integrator = createIntegrator({ pool, signer, clock, faults: noFaults, maySign: () => true });
  while ((await integrator.integrate()) > 0) continue;
  await requireProven(pool, signer);
}

/** A pool of one connection that tells how many rows of the ledger each transaction has read. */
function watched(client: pg.PoolClient): { pool: pg.Pool; rowsRead: number[] } {
  const rowsRead: number[] = [];
  let before = 0;
  const soFar = async (): Promise<number> => {
    const { rows } = await client.query<{ read: number }>(
      `SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_xact_user_tables
       WHERE relname = 'leaf'`,
    );
    return rows[0]?.read ?? 0;
  };
  const query = async (asked: pg.QueryConfig | string): Promise<unknown> => {
    if (asked === 'COMMIT') rowsRead.push((await soFar()) - before);
    const answer: unknown = await client.query(asked);
    if (typeof asked === 'string' && asked.startsWith('BEGIN')) before = await soFar();
    return answer;
  };
  const connect = async (): Promise<unknown> =>
    await Promise.resolve({ query, release: () => client.release() });
  return { pool: { query, connect } as unknown as pg.Pool, rowsRead };
}

async function drain(): Promise<void> {
  while ((await sequenceRound(database.pool)) > 0);
}

describe('receipts', () => {
  test('a leaf has a receipt once its transaction has committed, and an index a round later', async () => {
    const { value, receipts } = await withReceipts(database.db, async (_trx, stage) => {
      await stage('i-1', opening('first'));
      await stage('i-1', opening('second'));
      return 'stored';
    });
    expect(value).toBe('stored');
    expect(receipts.map((receipt) => receipt.digest)).toEqual([digestOf('first'), digestOf('second')]);
    await drain();
    expect(await digests()).toEqual(receipts.map((receipt) => receipt.digest));
  });

  test('a hot batch has a receipt for each leaf by its digest, and they keep their order', async () => {
    const { receipts } = await withHotReceipts(database.pool, async (_trx, stage) => {
      for (const name of ['hot-1', 'hot-2', 'hot-3']) stage(name, opening(name));
    });
    const staged = ['hot-1', 'hot-2', 'hot-3'].map(digestOf);
    expect([...receipts.keys()]).toEqual(staged);
    await drain();
    expect((await digests()).slice(-3)).toEqual(staged);
  });

  test('a hot batch that throws leaves no leaf', async () => {
    const before = await digests();
    const failing = withHotReceipts(database.pool, async (_trx, stage) => {
      stage('i-hot', opening('hot-lost'));
      throw new Error('after staging');
    });
    await expect(failing).rejects.toThrow('after staging');
    await drain();
    expect(await digests()).toEqual(before);
  });

  test('work that throws leaves no leaf and gives no receipt', async () => {
    const before = await digests();
    const failing = withReceipts(database.db, async (_trx, stage) => {
      await stage('i-2', opening('lost'));
      throw new Error('after staging');
    });
    await expect(failing).rejects.toThrow('after staging');
    await drain();
    expect(await digests()).toEqual(before);
  });

  test('a connection cut before the commit gives no receipt and no leaf', async () => {
    const before = await digests();
    const cut = withReceipts(database.db, async (trx, stage) => {
      await stage('i-3', opening('cut'));
      await sql`SELECT pg_terminate_backend(pg_backend_pid())`.execute(trx);
    });
    await expect(cut).rejects.toThrow(/terminat|connection/iu);
    await drain();
    expect(await digests()).toEqual(before);
  });
});

describe('the sequencer', () => {
  test('a statement staged twice, in one round or later, is one leaf', async () => {
    const before = (await digests()).length;
    for (const round of [1, 2]) {
      await transaction(database.db, async (trx) => {
        await stageLeaf(trx, `i-${round}`, opening('twin'));
        await stageLeaf(trx, `i-${round}`, opening('twin'));
      });
      await drain();
    }
    expect((await digests()).slice(before)).toEqual([digestOf('twin')]);
  });

  test('a round reads no leaf of the ledger that it does not look for', async () => {
    const stageMany = async (name: string): Promise<void> => {
      await withReceipts(database.db, async (_trx, stage) => {
        for (let n = 0; n < 600; n += 1) await stage('reading', opening(`${name}-${n}`));
      });
    };
    for (const name of ['read-a', 'read-b', 'read-c']) {
      await stageMany(name);
      await drain();
    }
    await stageMany('read-d');
    const { pool, rowsRead } = watched(await database.pool.connect());
    expect(await sequenceRound(pool)).toBe(600);
    expect(rowsRead).toEqual([0]);
  });

  test('many writers and many sequencers at once make one dense order', async () => {
    const before = (await digests()).length;
    const writers = Array.from({ length: 40 }, async (_, at) =>
      withReceipts(database.db, async (_trx, stage) => stage(`i-${at}`, opening(`w${at}`))),
    );
    const rounds = Array.from({ length: 8 }, async () => sequenceRound(database.pool));
    await Promise.all([...writers, ...rounds]);
    await drain();
    expect(new Set((await digests()).slice(before)).size).toBe(40);
  });

  test('while another process holds the lock nothing is placed', async () => {
    await withReceipts(database.db, async (_trx, stage) => stage('i-9', opening('waits')));
    const other = await database.pool.connect();
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock($1)', [0x6c656166]);
    expect(await sequenceRound(database.pool)).toBe(0);
    await other.query('ROLLBACK');
    other.release();
    expect(await sequenceRound(database.pool)).toBe(1);
  });

  test('a tree that grew under the writer is not written over', async () => {
    await withReceipts(database.db, async (_trx, stage) => stage('i-10', opening('conflict')));
    const owner = createDatabase({ url: server.ownerUrl, name: 'owner', log });
    // Somebody with the owner's rights adds a leaf of his own at the next index.
    const size = (await digests()).length;
    const columns = `idx, digest, typ, iss, aud, at_ms`;
    await owner.pool.query(`INSERT INTO leaf (${columns}) VALUES ($1, 'x', 't', 'i', 'a', 0)`, [size]);
    await expect(sequenceRound(database.pool)).rejects.toMatchObject({ code: '23505' });
    await owner.pool.query('DELETE FROM leaf WHERE idx = $1', [size]);
    await owner.close();
    await drain();
    expect(await digests()).toContain(digestOf('conflict'));
  });

  test('it runs by itself and reports its size', async () => {
    const clock = { now: () => 0, monotonic: () => performance.now() };
    const sequencer = startSequencer({ pool: database.pool, clock, log, faults: noFaults, periodMs: 20 });
    await withReceipts(database.db, async (_trx, stage) => stage('i-11', opening('timer')));
    await vi.waitFor(async () => expect(await digests()).toContain(digestOf('timer')));
    expect(await sequencer.treeSize()).toBe((await digests()).length);
    expect(sequencer.ready()).toBe(true);
    await sequencer.stop();
  });
});

test.each([
  'UPDATE leaf SET outcome = NULL',
  'DELETE FROM leaf',
  'TRUNCATE leaf',
  'UPDATE leaf_staging SET digest = digest',
  'DELETE FROM ledger_state',
  'INSERT INTO ledger_state (only_row, size) VALUES (false, 1)',
  'DELETE FROM directory_state',
  'UPDATE once_key SET digest = digest',
  'DROP TABLE leaf',
  'CREATE TABLE mine (a int)',
])('S60 the role of the service cannot: %s', async (statement) => {
  await expect(database.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
});

describe('once keys', () => {
  const entry = { partitionKey: 'p', scope: 'status', key: 'a/1', digest: digestOf('one') };

  test('the first counts, the same again is a repeat, another under the key is refused', async () => {
    const record = async (digest: LeafOpening['digest']) =>
      transaction(database.db, async (trx) => recordOnce(trx, { ...entry, digest }));
    expect(await record(digestOf('one'))).toBe('first');
    expect(await record(digestOf('one'))).toBe('repeat');
    await expect(record(digestOf('two'))).rejects.toMatchObject({ code: 'once_conflict' });
  });

  test('of fifty at once exactly one is the first', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, async () =>
        transaction(database.db, async (trx) => recordOnce(trx, { ...entry, key: 'a/2' })),
      ),
    );
    expect(results.filter((result) => result === 'first')).toHaveLength(1);
  });
});

describe('status locks', () => {
  test('releases share the lock, a stop waits for them and keeps later ones out', async () => {
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const holding = Promise.withResolvers<void>();
    const release = transaction(database.db, async (trx) => {
      await lockSubjectsShared(trx, ['b', 'a']);
      holding.resolve();
      await gate.promise;
      order.push('released');
    });
    await holding.promise;
    await transaction(database.db, async (trx) => lockSubjectsShared(trx, ['a', 'c']));
    await hotTransaction(database.pool, async (trx) => await lockBatchShared(trx, ['c', 'b', 'a']));
    const stop = transaction(database.db, async (trx) => {
      await lockSubjectsExclusive(trx, ['a', 'b']);
      order.push('stopped');
    });
    await vi.waitFor(async () => {
      const waiting = await database.pool.query(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
      );
      expect(waiting.rowCount).toBe(1);
    });
    gate.resolve();
    await Promise.all([release, stop]);
    expect(order).toEqual(['released', 'stopped']);
  });

  test('whatever order subjects are named in, stops of the same subjects do not deadlock', async () => {
    const refs = ['a', 'b', 'c', 'd', 'e'];
    const stops = Array.from({ length: 20 }, async (_, at) =>
      transaction(database.db, async (trx) =>
        lockSubjectsExclusive(trx, at % 2 === 0 ? refs : refs.toReversed()),
      ),
    );
    await expect(Promise.all(stops)).resolves.toHaveLength(20);
  });

  test('a subject is stopped as a whole or under one consent', async () => {
    const stopped = async (ref: string, consent: string | null) =>
      transaction(database.db, async (trx) => subjectStopped(trx, ref, consent));
    expect(await stopped('s1', 'c1')).toBeUndefined();
    await database.pool.query(
      `INSERT INTO subject_status (subject_ref, consent, state, sequence, status_digest, restricts_from_ms)
       VALUES ('s1', 'c1', 'revoked', 1, 'd', NULL), ('s2', '', 'frozen', 1, 'd', NULL),
         ('s4', '', 'frozen', 1, 'd', 1), ('s4', 'c1', 'revoked', 1, 'd', NULL),
         ('s4', 'c2', 'paused', 1, 'd', NULL)`,
    );
    expect(await stopped('s1', 'c1')).toBe('revoked');
    expect(await stopped('s1', 'c2')).toBeUndefined();
    expect(await stopped('s1', null)).toBeUndefined();
    expect(await stopped('s2', 'c1')).toBe('frozen');
    expect(await stopped('s2', null)).toBe('frozen');
    expect(await stopped('s4', null)).toBe('restricted');
    expect(await stopped('s4', 'c1')).toBe('revoked');
    expect(await stopped('s4', 'c2')).toBe('restricted');
    const asked = [
      { subjectRef: 's1', consent: 'c1' },
      { subjectRef: 's3', consent: 'c1' },
      { subjectRef: 's2', consent: null },
      { subjectRef: 's4', consent: 'c2' },
      { subjectRef: 's1', consent: 'c1' },
    ];
    const inOneBatch = hotTransaction(database.pool, async (trx) => (await batchStatus(trx, asked)).stopped);
    expect(await inOneBatch).toEqual(['revoked', undefined, 'frozen', 'restricted', 'revoked']);
  });
});
