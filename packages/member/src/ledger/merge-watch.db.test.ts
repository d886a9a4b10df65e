import { noFaults } from '@causeway/kernel';
import { noteSigner } from '@causeway/ledger';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog } from '@causeway/service';
import type { Database } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { sequenceRound } from '../sequencer.ts';
import { createIntegrator } from './integrator.ts';
import { MergeWatch } from './merge-watch.ts';
import { leafDigest } from './placed-leaves.fixture.ts';
import { requireProven } from './proven-ledger.fixture.ts';

const startMs = 1_780_000_000_000;
const clock = { nowMs: startMs, now: () => clock.nowMs, monotonic: () => clock.nowMs };
const signer = noteSigner('causeway/test/broker', 'note', new Uint8Array(32).fill(7));
const silent = createLog({ name: 'test', level: 'silent' });
let server: TestDatabase;
let database: Database<unknown>;
let told: { event: string; alarm: boolean }[];
let watch: MergeWatch;
let staged = 0;

beforeAll(async () => {
  server = await testDatabase({ migrations: 'broker' });
  database = createDatabase({ url: server.url, name: 'test', log: silent });
});
afterAll(async () => {
  await requireProven(database.pool, signer);
  await database.close();
  await server.drop();
});
beforeEach(() => {
  clock.nowMs = startMs;
  told = [];
  const error = (line: { event: string; alarm: boolean }) =>
    told.push({ event: line.event, alarm: line.alarm });
  watch = new MergeWatch({ pool: database.pool, clock, log: { ...silent, error } });
});

const stage = async (digest: string): Promise<unknown> =>
  await database.pool.query(
    `INSERT INTO leaf_staging (partition_key, digest, typ, iss, aud, at_ms)
      VALUES ('p', $1, 't', 'i', 'a', $2)`,
    [digest, clock.nowMs],
  );
const stageOne = async (): Promise<unknown> => await stage(leafDigest(staged++));
const options = { signer, clock, faults: noFaults, maySign: () => true };
const integrate = async () => await createIntegrator({ ...options, pool: database.pool }).integrate();

async function lookTwice(): Promise<void> {
  await watch.look();
  await watch.look();
}

describe('S57 a statement gets its proof within a minute', () => {
  test.each([
    ['staged', async () => undefined],
    ['placed', async () => await sequenceRound(database.pool)],
  ])('or it is told, once, and once more when it is over: only %s', async (_where, place) => {
    await stageOne();
    await place();
    clock.nowMs += 59_999;
    await lookTwice();
    expect([told, watch.state().unmergedMs, watch.detail().ok]).toEqual([[], 59_999, true]);
    clock.nowMs += 1;
    await lookTwice();
    await watch.look();
    expect([told, watch.detail().ok]).toEqual([[{ event: 'ledger_unmerged', alarm: true }], false]);
    await sequenceRound(database.pool);
    await integrate();
    await lookTwice();
    expect(told.slice(1)).toEqual([{ event: 'ledger_unmerged', alarm: false }]);
    expect([watch.state().unmergedMs, watch.detail().ok]).toEqual([0, true]);
  });

  test('one look that falls into a step of the clock raises nothing', async () => {
    await stageOne();
    clock.nowMs += 3_600_000;
    await watch.look();
    await sequenceRound(database.pool);
    await integrate();
    await watch.look();
    expect([told, watch.state().unmergedMs]).toEqual([[], 0]);
  });
});

describe('a tree that cannot be made', () => {
  const fails = async () => await watch.counted(async () => await Promise.reject(new Error('no')));

  test('again and again is told, once, and once more when it is over', async () => {
    for (let n = 1; n <= 7; n += 1) {
      await expect(fails()).rejects.toThrow('no');
      expect([watch.detail().ok, told.length, watch.state().failures]).toEqual([n < 5, n < 5 ? 0 : 1, n]);
    }
    await watch.counted(async () => 0);
    expect(told).toEqual([true, false].map((alarm) => ({ event: 'integration_failing', alarm })));
    expect(watch.detail().ok).toBe(true);
  });

  test('now and then is not', async () => {
    for (let n = 0; n < 9; n += 1) {
      await expect(fails()).rejects.toThrow('no');
      await watch.counted(async () => 0);
    }
    expect(told).toEqual([]);
  });
});

describe('a digest that no tree can take is refused with its statement', () => {
  const good = leafDigest(0);
  test.each([
    ['nothing', ''],
    ['another hash', good.replace('sha-256', 'sha-512')],
    ['too short', good.slice(0, -1)],
    ['too long', `${good}A`],
    ['a line more', `${good}\n`],
    ['padded', `${good}=`],
    ['in the other alphabet', `sha-256:${'+'.repeat(42)}A`],
    ['spare bits that are not zero', `sha-256:${'A'.repeat(42)}B`],
    ['fit for a test', 'sha-256:late'],
  ])('%s', async (_what, digest) => {
    await expect(stage(digest)).rejects.toMatchObject({ constraint: 'leaf_staging_digest' });
    expect((await database.pool.query('SELECT FROM leaf_staging')).rowCount).toBe(0);
  });
});
