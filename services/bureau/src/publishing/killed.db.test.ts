import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { World } from '../test-world.ts';
import { createWorld } from '../test-world.ts';
import { createBatches } from './batches.ts';
import { storeMapping } from './mappings.ts';
import { runningBatches } from './repository.ts';
import { resident } from './test-residents.ts';

const LINES = 20_000;
const mapping = {
  ...{ v: 1, name: 'people', bureau: 'central', format: 'csv', encoding: 'utf-8', header: ['id', 'no'] },
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'profile',
      fields: { kind: { const: 'person' }, source_record_id: { column: 'no', as: 'text' } },
    },
  ],
  as_of: { const: '2026-10-31' },
};

let database: TestDatabase;
let world: World;
let dir: string;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
  dir = await mkdtemp(join(tmpdir(), 'causeway-file-'));
});

afterAll(async () => {
  await world.close();
  await database.drop();
  await rm(dir, { recursive: true });
});

/** Publishes in a process of its own and kills it once `seen` holds of the batch's line. */
async function publishAndKill(
  digest: string,
  file: string,
  seen: (line: number) => boolean,
): Promise<number> {
  const program = join(import.meta.dirname, 'test-publisher-process.ts');
  const child = spawn(process.execPath, [program, database.url, world.spoolDir, digest, file], {
    stdio: 'ignore',
  });
  const gone = once(child, 'exit');
  for (let line = 0; ;) {
    const [batch] = await runningBatches(world.bureau.db);
    line = batch?.next_line ?? 0;
    if (!seen(line) && child.exitCode === null) continue;
    child.kill('SIGKILL');
    await gone;
    return line;
  }
}

describe('a publishing process', () => {
  it('killed with SIGKILL, twice, loses no line and takes none twice', async () => {
    const file = join(dir, 'people.csv');
    await writeFile(file, Array.from({ length: LINES }, (_, n) => `${resident(n)},${n}\n`).join(''));
    const digest = await storeMapping(world.bureau, mapping);
    const first = await publishAndKill(digest, file, (line) => line > 2000);
    const second = await publishAndKill(digest, file, (line) => line > first + 2000);
    expect(second).toBeLessThan(LINES);
    // One statement, one snapshot: the last COMMIT of the killed process may still be under way.
    const state = await world.pool.query<{ taken: number; held: number }>(
      'SELECT next_line - 1 AS taken, (SELECT count(*) FROM record) AS held FROM batch',
    );
    expect(state.rows.map(({ taken, held }) => taken - held)).toEqual([0]);
    const batches = createBatches(world.bureau);
    await batches.sweep();
    await batches.resume();
    const { rows } = await world.pool.query('SELECT state, lines, accepted, rejected, subjects FROM batch');
    expect(rows).toEqual([
      { state: 'complete', lines: LINES, accepted: LINES, rejected: 0, subjects: LINES },
    ]);
    expect(await world.count('record')).toBe(LINES);
    expect(await readdir(world.spoolDir)).toEqual([]);
  });
});
