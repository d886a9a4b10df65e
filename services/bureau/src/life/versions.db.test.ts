import { sha256Digest } from '@causeway/protocol';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { hotTransaction } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { disappearedAfter, warningsAfter } from '../publishing/repository.ts';
import { readHosted } from '../sources/hosted/read.ts';
import type { World } from '../test-world.ts';
import { createWorld } from '../test-world.ts';
import { late, line, loans, publish, refOfResident } from './test-publishing.ts';

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});

beforeEach(async () => {
  await world.reset();
});

afterAll(async () => {
  await world.close();
  await database.drop();
});

const put = async (...lines: string[]) => {
  world.clock.advance(1000);
  return await publish(world, loans, ...lines);
};

const shown = async (n = 1): Promise<Record<string, unknown>[]> => {
  const at = { nowMs: world.clock.now(), rules: world.bureau.life() };
  const ref = refOfResident(n);
  const found = await hotTransaction(world.pool, async (trx) => await readHosted(trx, [ref], at));
  return (found.get(ref)?.records ?? []).map(({ text }) => JSON.parse(text) as Record<string, unknown>);
};

const rowsOf = async (text: string): Promise<object[]> => (await world.pool.query<object>(text)).rows;
const traces = async () => ({
  records: await world.count('record'),
  versions: await world.count('record_version'),
  tombstones: await world.count('tombstone'),
});
const rulesOf = async (batch: Awaited<ReturnType<typeof put>>) =>
  (await warningsAfter(world.bureau.db, batch, 0, 10)).map((each) => each.rule);

describe('a correction', () => {
  it('is a new version, and what stood before keeps from when to when it did', async () => {
    await put(line({ balance: '1.00' }));
    const [first] = [world.clock.now()];
    await put(line({ balance: '2.00' }));
    await put(line({ balance: '3.00', on: '2026-11-01' }));
    expect(await shown()).toMatchObject([{ balance: '300', version: 3 }]);
    expect(
      await rowsOf(`SELECT version, body::json ->> 'version' AS said, body::json ->> 'balance' AS balance,
        valid_from_ms, valid_to_ms FROM record_version ORDER BY version`),
    ).toEqual([
      { version: 1, said: '1', balance: '100', valid_from_ms: first, valid_to_ms: first + 1000 },
      { version: 2, said: '2', balance: '200', valid_from_ms: first + 1000, valid_to_ms: first + 2000 },
    ]);
  });

  it('that says nothing new, or is of an older day, is none', async () => {
    await put(line({ balance: '1.00' }));
    await put(line({ balance: '1.00' }), line({ n: 2 }));
    await put(line({ balance: '9.00', on: '2026-10-30' }), line({ n: 3 }));
    expect(await shown()).toMatchObject([{ balance: '100', version: 1 }]);
    expect(await traces()).toEqual({ records: 3, versions: 0, tombstones: 0 });
  });

  it('within one file counts once: nobody could have seen what stood between', async () => {
    await put(
      line({ balance: '1.00' }),
      line({ balance: '3.00', on: '2026-11-02' }),
      line({ balance: '2.00' }),
    );
    expect(await shown()).toMatchObject([{ balance: '300', version: 1 }]);
    expect(await traces()).toEqual({ records: 1, versions: 0, tombstones: 0 });
  });

  it('by many files at once makes a chain of versions without a gap', async () => {
    await put(line());
    const files = Array.from({ length: 8 }, (_, at) => [
      line({ balance: `${at + 20}.00` }),
      line({ n: 2, no: `N${at % 2}`, balance: `${at}.00` }),
    ]);
    await Promise.all(files.map((each) => publish(world, loans, ...each)));
    const chains = await rowsOf(`SELECT source_record_id, array_agg(version ORDER BY version) AS versions,
      bool_and(valid_from_ms <= valid_to_ms) AS forward FROM (
        SELECT source_record_id, version, valid_from_ms, valid_to_ms FROM record_version
        UNION ALL SELECT source_record_id, version, valid_from_ms, valid_from_ms FROM record) AS each
      GROUP BY 1 ORDER BY 1`);
    expect(chains).toEqual([
      { source_record_id: 'L1', versions: [1, 2, 3, 4, 5, 6, 7, 8, 9], forward: true },
      { source_record_id: 'N0', versions: [1, 2, 3, 4], forward: true },
      { source_record_id: 'N1', versions: [1, 2, 3, 4], forward: true },
    ]);
  });

  it('S60 cannot be undone by the service: versions and tombstones stay as they were written', async () => {
    await put(line());
    await put(line({ balance: '2.00' }), line({ no: 'L2' }));
    await put(line({ no: 'L2', code: 'D' }));
    const before = await traces();
    for (const statement of [
      "UPDATE record_version SET body = ''",
      'DELETE FROM record_version',
      "UPDATE tombstone SET rule = ''",
      'DELETE FROM tombstone',
      'DELETE FROM record',
      'DELETE FROM mark',
      "UPDATE mark SET body = ''",
    ]) {
      await expect(world.pool.query(statement)).rejects.toThrow('permission denied');
    }
    expect(await traces()).toEqual(before);
  });
});

describe('what rules derive', () => {
  it('is stored with the record: its last day, and the rule that says so', async () => {
    await put(late({ to: '2024-02-29' }));
    expect(await shown()).toMatchObject([{ expires_on: '2029-02-28', retention_rule: 'cn.adverse.expire' }]);
    await put(late({ to: '', on: '2026-11-01' }));
    const [open] = await shown();
    expect(open).toMatchObject({ version: 2, is_adverse: true });
    expect(open).not.toHaveProperty('expires_on');
  });

  it('past its end nothing is stored, and what stands goes', async () => {
    const batch = await put(late({ to: '2021-06-30' }), line({ n: 2 }));
    expect(batch).toMatchObject({ accepted: 2, warnings: 1 });
    expect(await rulesOf(batch)).toEqual(['past_its_end']);
    expect(await traces()).toEqual({ records: 1, versions: 0, tombstones: 0 });
    await put(late({ n: 2, to: '2021-06-30', on: '2026-11-01' }));
    expect(await rowsOf('SELECT rule FROM tombstone')).toEqual([{ rule: 'cn.adverse.expire' }]);
    expect(await traces()).toEqual({ records: 0, versions: 0, tombstones: 1 });
  });
});

describe('a record that names the consent to provide it', () => {
  const consent = sha256Digest('a consent to provide');
  const [{ fields, record }] = loans.records as [(typeof loans.records)[number]];
  const resting = {
    ...loans,
    records: [{ record, fields: { ...fields, 'basis.consent': { const: consent } } }],
  };
  const stopped = async (state: string, of: string = consent) =>
    await world.pool.query(
      `INSERT INTO subject_status (subject_ref, consent, state, sequence, status_digest)
       VALUES ($1, $2, $3, 1, 'x') ON CONFLICT (subject_ref, consent) DO UPDATE SET state = $3`,
      [refOfResident(), of, state],
    );

  it('keeps it, and is taken with a warning once that is withdrawn or paused', async () => {
    expect(await publish(world, resting, line())).toMatchObject({ accepted: 1, warnings: 0 });
    expect(await shown()).toMatchObject([{ basis: { consent } }]);
    await stopped('revoked', sha256Digest('another consent'));
    expect(await publish(world, resting, line({ on: '2026-11-01' }))).toMatchObject({ warnings: 0 });
    for (const [state, on] of [
      ['paused', '2026-11-02'],
      ['active', '2026-11-03'],
      ['revoked', '2026-11-04'],
    ] as const) {
      await stopped(state);
      const batch = await publish(world, resting, line({ on }), line({ on, n: 2 }));
      const told = state === 'active' ? [] : ['basis_withdrawn'];
      expect([batch.accepted, await rulesOf(batch)]).toEqual([2, told]);
    }
    expect(await publish(world, loans, line({ on: '2026-11-05' }))).toMatchObject({ warnings: 0 });
  });
});

describe('a deletion code', () => {
  it('leaves digest, dates and rule of every version, and no body anywhere', async () => {
    await put(line({ balance: '7654.00' }));
    await put(line({ balance: '7655.00' }));
    const batch = await put(line({ code: 'D', on: '2026-11-02' }));
    expect(batch).toMatchObject({ accepted: 1, deleted: 1, warnings: 0 });
    expect(await shown()).toEqual([]);
    expect(await traces()).toEqual({ records: 0, versions: 0, tombstones: 2 });
    const stones = await rowsOf('SELECT * FROM tombstone ORDER BY version');
    expect(stones).toMatchObject([
      { version: 1, as_of: '2026-10-31', rule: 'provider.deletion' },
      {
        version: 2,
        as_of: '2026-11-02',
        rule: 'provider.deletion',
        digest: expect.stringMatching(/^sha-256:/) as string,
      },
    ]);
    expect(JSON.stringify(stones)).not.toMatch(/7654|7655|765400|765500/u);
  });

  it('for something unknown is a warning, and for a later day changes nothing', async () => {
    await put(line());
    const batch = await put(line({ no: 'L9', code: 'D' }), line({ code: 'D', on: '2026-10-30' }));
    expect(batch).toMatchObject({ accepted: 2, rejected: 0, deleted: 0, warnings: 2 });
    expect(await rulesOf(batch)).toEqual(['deletion_unknown', 'deletion_older']);
    expect(await traces()).toEqual({ records: 1, versions: 0, tombstones: 0 });
  });

  it('is not undone by an older file, nor by the same record once more', async () => {
    await put(line());
    await put(line({ code: 'D' }));
    await put(line(), line({ n: 2 }));
    await put(line({ balance: '5.00', on: '2026-10-30' }));
    expect(await shown()).toEqual([]);
    expect(await traces()).toEqual({ records: 1, versions: 0, tombstones: 1 });
  });

  it('a record that comes back after it is the next version, with a mark that says so', async () => {
    await put(line());
    await put(line({ code: 'D' }));
    const batch = await put(line({ on: '2026-11-03' }));
    expect(await rulesOf(batch)).toEqual(['returned']);
    expect(await shown()).toMatchObject([
      { version: 2, marks: [{ kind: 'bureau_note', text: 'reinserted after its deletion' }] },
    ]);
    await put(line({ on: '2026-11-04', code: 'D' }));
    expect(await rowsOf('SELECT version FROM tombstone ORDER BY version')).toEqual([
      { version: 1 },
      { version: 2 },
    ]);
  });
});

describe('a snapshot', () => {
  const all = { ...loans, mode: 'snapshot' };
  const listed = async (batch: Awaited<ReturnType<typeof put>>) =>
    (await disappearedAfter(world.bureau.db, batch, 0, 10)).map(({ n, source_record_id }) => [
      n,
      source_record_id,
    ]);

  it('reports what it no longer names, and deletes nothing', async () => {
    await publish(world, all, line(), line({ n: 2, no: 'L2' }), line({ n: 3, no: 'L3' }));
    const next = await publish(world, all, line({ n: 2, no: 'L2', balance: '2.00' }));
    expect(next).toMatchObject({ state: 'complete', disappeared: 2 });
    expect(new Set((await listed(next)).map(([, id]) => id))).toEqual(new Set(['L1', 'L3']));
    expect((await disappearedAfter(world.bureau.db, next, 1, 10)).map(({ n }) => n)).toEqual([2]);
    expect(await traces()).toEqual({ records: 3, versions: 1, tombstones: 0 });
    expect(await shown()).toHaveLength(1);
  });

  it('of another stream, an increment, and what was named again, report nothing', async () => {
    await publish(world, { ...all, name: 'others' }, line());
    expect(await publish(world, all, line({ n: 2, no: 'L2' }))).toMatchObject({ disappeared: 0 });
    expect(await publish(world, loans, line({ n: 3, no: 'L3' }))).toMatchObject({ disappeared: null });
    const same = await publish(world, all, line({ n: 2, no: 'L2' }), line({ n: 3, no: 'L3' }));
    expect(same).toMatchObject({ disappeared: 0 });
    expect(await listed(same)).toEqual([]);
  });
});
