import { noFaults } from '@causeway/kernel';
import type { LeafOpening } from '@causeway/ledger';
import { sha256Digest } from '@causeway/protocol';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog, transaction } from '@causeway/service';
import type { Database } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { stageLeaf } from './leaves.ts';
import { parseOpenings, readOpenings } from './openings.ts';
import { startSequencer } from './sequencer.ts';
import type { Sequencer } from './sequencer.ts';

let server: TestDatabase;
let database: Database<unknown>;
let sequencer: Sequencer;
const log = createLog({ name: 't', level: 'silent' });
const clock = { now: () => 10_000, monotonic: () => 0 };

beforeAll(async () => {
  server = await testDatabase({ migrations: 'consumer' });
  database = createDatabase({ url: server.url, name: 't', log });
  // So slow that nothing is placed but on demand.
  sequencer = startSequencer({ pool: database.pool, clock, log, faults: noFaults, periodMs: 3_600_000 });
});
afterAll(async () => {
  await sequencer.stop();
  await database.close();
  await server.drop();
});

const opening = (n: number, at_ms: number): LeafOpening => ({
  ...{ typ: 'grant', digest: sha256Digest(`${n}`), inquiry: sha256Digest('i'), use: 1, iss: 'consumer' },
  ...{ aud: 'lotus', at_ms, outcome: null },
});
const stage = async (n: number, at_ms: number) =>
  await transaction(database.db, async (trx) => await stageLeaf(trx, 's1.1.secret', opening(n, at_ms)));
const read = async (from: number, limit = 1000) => await readOpenings(database.pool, clock, { from, limit });

test('an empty ledger has a page without leaves', async () => {
  expect(await read(0)).toEqual({ size: 0, lag_ms: 0, leaves: [] });
});

test('what has no place is not shown, and the oldest of it tells how far the tree is behind', async () => {
  await stage(0, 9000);
  await stage(1, 8500);
  expect(await read(0)).toEqual({ size: 0, lag_ms: 1500, leaves: [] });
  await sequencer.placeStaged();
  const page = await read(0);
  expect(page).toEqual({
    ...{ size: 2, lag_ms: 0 },
    leaves: [
      { idx: 0, ...opening(0, 9000) },
      { idx: 1, ...opening(1, 8500) },
    ],
  });
  expect(parseOpenings(page)).toBe(page);
  expect(() => parseOpenings({ ...page, more: 1 })).toThrow(RangeError);
  expect(JSON.stringify(page)).not.toContain('s1.1');
});

test('a time ahead of this clock is no lag below nothing', async () => {
  await stage(2, 99_000);
  expect((await read(0)).lag_ms).toBe(0);
  await sequencer.placeStaged();
});

test('pages follow each other, and behind the last there is none', async () => {
  const pages = [await read(0, 2), await read(2, 2), await read(3, 2)];
  expect(pages.map(({ leaves, size }) => [size, leaves.map(({ idx }) => idx)])).toEqual([
    [3, [0, 1]],
    [3, [2]],
    [3, []],
  ]);
});
