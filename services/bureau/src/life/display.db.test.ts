import type { ClaimsOf } from '@causeway/protocol';
import { directoryWith, entryOf, otherSubject, subject } from '@causeway/protocol/federation.fixture';
import { categories as allCategories } from '@causeway/records';
import type { AccountRecord, CreditRecord } from '@causeway/records';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { hotTransaction } from '@causeway/service';
import type { HotTransaction } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { readHosted } from '../sources/hosted/read.ts';
import type { World } from '../test-world.ts';
import { account, claimsOf, createWorld } from '../test-world.ts';
import { addMark, endMark } from './marks.ts';
import { noticeGiven } from './notices.ts';
import { sweepRecords } from './sweep.ts';

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

/** All that a loan approval may see. */
const wide = allCategories.filter((each) => !['FINANCIALS', 'OWNERSHIP', 'CONDITIONAL'].includes(each));

/** What a lender receives at this moment; nothing here has swept anything. */
async function disclosed(ref = subject): Promise<ClaimsOf<'disclosure'>> {
  const inquiry = world.inquiry({ categories: wide, subject_ref: ref });
  const grant = world.grant(inquiry, { categories: wide, subject_ref: ref });
  const { results } = await world.ask([{ inquiry, grant }]);
  return claimsOf('disclosure', results[0]?.disclosure ?? '');
}

const goTo = (instant: string): void => world.clock.advance(Date.parse(instant) - world.clock.now());
const key = (id: string) => [{ subjectRef: subject, record: 'account' as const, sourceRecordId: id }];

const late = (id: string, change: object = {}): CreditRecord =>
  account(id, {
    ...{ status: 'overdue', is_adverse: true, notice_id: 'n-1', overdue_total: '0', balance: '0' },
    ...{ adverse_started_on: '2022-03-05', adverse_ended_on: '2022-06-20' },
    history: { to: '2022-06', states: 'N12N', overdue: ['0', '80000', '160000', '0'] },
    ...change,
  });

describe('adverse information without notice', () => {
  const { notice_id: _, ...unnoticed } = late('secret') as AccountRecord;

  it('is stored, and disclosed to nobody under any category', async () => {
    await world.store(subject, [unnoticed, account('open')]);
    const { outcome, records } = await disclosed();
    expect([outcome, records.map(({ source_record_id }) => source_record_id)]).toEqual([
      'answered',
      ['open'],
    ]);
    expect(JSON.stringify(records)).not.toContain('secret');
    expect(await world.count('record')).toBe(2);
  });
});

describe('a record under the references of two epochs', () => {
  it('is marked under both, and noticed under both', async () => {
    const { notice_id: _, ...unnoticed } = late('a', { overdue_total: '1000001' }) as AccountRecord;
    for (const ref of [subject, otherSubject]) await world.store(ref, [unnoticed]);
    const keys = [subject, otherSubject].map((subjectRef) => ({ ...key('a')[0], subjectRef })) as ReturnType<
      typeof key
    >;
    await addMark(world.bureau, keys, { kind: 'dispute_mark' });
    await noticeGiven(world.bureau, keys, 'letter-7');
    for (const ref of [subject, otherSubject]) {
      const { records } = await disclosed(ref);
      expect(records).toMatchObject([{ version: 2, notice_id: 'letter-7', display_state: 'marked' }]);
    }
    expect([await world.count('mark'), await world.count('record_version')]).toEqual([2, 2]);
  });
});

describe('the end of a record', () => {
  it('holds for who reads, also where no sweeper has run', async () => {
    await world.store(subject, [late('old'), account('open')]);
    goTo('2027-06-20T23:59:59.999+08:00');
    expect((await disclosed()).records).toHaveLength(2);
    goTo('2027-06-21T00:00:00.000+08:00');
    const { records } = await disclosed();
    expect(records.map(({ source_record_id }) => source_record_id)).toEqual(['open']);
    expect(await world.count('tombstone')).toBe(0);
  });

  it('holds for rows of before, which nothing has been said of yet', async () => {
    await world.store(subject, [late('old'), account('open')]);
    await world.pool.query('UPDATE record SET due_ms = 0, expires_ms = NULL');
    expect((await disclosed()).records).toHaveLength(2);
    goTo('2027-06-21T00:00:00.000+08:00');
    expect((await disclosed()).records.map(({ source_record_id }) => source_record_id)).toEqual(['open']);
  });

  it('leaves a known subject with an empty answer, not an unknown one', async () => {
    await world.store(subject, [late('old')]);
    goTo('2030-01-01T00:00:00Z');
    expect(await disclosed()).toMatchObject({ outcome: 'empty', records: [] });
  });

  it('where a city says so hides what an enterprise did, and keeps it', async () => {
    world.directory.current = directoryWith([entryOf('central', { jurisdiction: 'CN-SH' })]).view;
    await world.store(subject, [late('old'), account('open')], 'enterprise');
    goTo('2027-06-20T23:59:59+08:00');
    expect((await disclosed()).records).toHaveLength(2);
    goTo('2027-06-21T00:00:00+08:00');
    expect((await disclosed()).records).toHaveLength(1);
    await sweepRecords(world.bureau);
    expect([await world.count('record'), await world.count('tombstone')]).toEqual([2, 0]);
  });

  it('of an enterprise does not come where only the nation has rules', async () => {
    await world.store(subject, [late('old')], 'enterprise');
    goTo('2040-01-01T00:00:00Z');
    expect((await disclosed()).records).toHaveLength(1);
  });
});

describe('the one-off repair', () => {
  const small = late('small', { adverse_ended_on: '2026-11-30', adverse_started_on: '2025-03-01' });

  it('is applied when a record is disclosed, and leaves the stored text as it was', async () => {
    const repairable = late('small', { history: { to: '2022-04', states: '1', overdue: ['80000'] } });
    await world.store(subject, [repairable]);
    const before = await world.pool.query('SELECT body, digest FROM record');
    const [record] = (await disclosed()).records;
    expect(record).toMatchObject({ status: 'normal', overdue_total: '0', history: { states: 'N' } });
    expect(JSON.stringify(record)).not.toMatch(/adverse|override|retention/u);
    expect((await world.pool.query('SELECT body, digest FROM record')).rows).toEqual(before.rows);
  });

  it('does not hide what was repaid too late', async () => {
    await world.store(subject, [small]);
    const [record] = (await disclosed()).records;
    expect(record).toMatchObject({ status: 'overdue', is_adverse: true });
  });
});

describe('a mark', () => {
  it('travels with every answer from then on, makes the record marked, and ends', async () => {
    await world.store(subject, [account('a'), account('b')]);
    const id = await addMark(world.bureau, key('a'), { kind: 'dispute_mark' });
    await addMark(world.bureau, key('a'), { kind: 'subject_statement', text: 'it was paid' });
    const [marked, other] = (await disclosed()).records;
    expect(marked).toMatchObject({
      display_state: 'marked',
      marks: [{ kind: 'dispute_mark' }, { kind: 'subject_statement', text: 'it was paid' }],
    });
    expect(other).not.toHaveProperty('marks');
    await endMark(world.bureau, id);
    const [ended] = (await disclosed()).records;
    expect(ended?.marks).toHaveLength(1);
    expect(ended).not.toHaveProperty('display_state');
  });

  it('on no record, ended twice, or one too many is refused and changes nothing', async () => {
    await world.store(subject, [account('a')]);
    await expect(addMark(world.bureau, key('z'), { kind: 'dispute_mark' })).rejects.toMatchObject({
      code: 'not_found',
    });
    const id = await addMark(world.bureau, key('a'), { kind: 'dispute_mark' });
    await endMark(world.bureau, id);
    await expect(endMark(world.bureau, id)).rejects.toMatchObject({ code: 'not_found' });
    for (let n = 0; n < 12; n += 1) await addMark(world.bureau, key('a'), { kind: 'provider_note' });
    await expect(addMark(world.bureau, key('a'), { kind: 'dispute_mark' })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await world.count('mark')).toBe(13);
    expect((await disclosed()).records[0]?.marks).toHaveLength(12);
  });

  it('put on a record by many at once, none is lost', async () => {
    await world.store(subject, [account('a')]);
    const ids = await Promise.all(
      Array.from({ length: 10 }, () => addMark(world.bureau, key('a'), { kind: 'bureau_note' })),
    );
    await Promise.all(ids.slice(0, 5).map((id) => endMark(world.bureau, id)));
    expect((await disclosed()).records[0]?.marks).toHaveLength(5);
  });

  it('once none stands, the stored text travels unread again', async () => {
    await world.store(subject, [account('a')]);
    const stamped = async () => (await world.pool.query<object>('SELECT opened_by, marks FROM record')).rows;
    const before = await stamped();
    const id = await addMark(world.bureau, key('a'), { kind: 'bureau_note' });
    expect(await stamped()).toMatchObject([{ opened_by: null }]);
    await endMark(world.bureau, id);
    expect(await stamped()).toEqual(before);
  });
});

describe('reading', () => {
  it('is one statement for a whole batch, whatever must be rebuilt', async () => {
    await world.store(subject, [late('old'), account('a'), late('b', { history: undefined })]);
    await addMark(world.bureau, key('a'), { kind: 'dispute_mark' });
    await hotTransaction(world.pool, async (trx) => {
      let statements = 0;
      const counting = {
        query: async (...args: Parameters<HotTransaction['query']>) => {
          statements += 1;
          return await trx.query(...args);
        },
      } as HotTransaction;
      const at = { nowMs: world.clock.now(), rules: world.bureau.life() };
      const found = await readHosted(counting, [subject, 'nobody'], at);
      expect([statements, found.get(subject)?.records.length]).toEqual([1, 3]);
    });
  });

  it('uses the key of the table, with no sort and no scan of others', async () => {
    await world.store(subject, [account('a')]);
    const { rows } = await world.pool.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT body FROM subject LEFT JOIN record ON record.subject_ref = subject.subject_ref
         AND (record.expires_ms IS NULL OR record.expires_ms > 1)
       WHERE subject.subject_ref = '${subject}' ORDER BY record.record, record.source_record_id LIMIT 2001`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index.*Scan using record_[0-9]_pkey/u);
    expect(plan).not.toMatch(/Seq Scan|record_due/u);
  });
});
