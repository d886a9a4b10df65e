import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CausewayError } from '@causeway/protocol';
import type { Identifier } from '@causeway/records/identifiers';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { hotTransaction } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Bureau } from '../bureau.ts';
import { readHosted } from '../sources/hosted/read.ts';
import type { World } from '../test-world.ts';
import { createWorld, refOf } from '../test-world.ts';
import type { Batches } from './batches.ts';
import { createBatches } from './batches.ts';
import { storeMapping } from './mappings.ts';
import { findBatch, rejectionsAfter } from './repository.ts';
import { resident } from './test-residents.ts';

const mapping = {
  v: 1,
  name: 'loans',
  bureau: 'central',
  format: 'csv',
  encoding: 'utf-8',
  header: true,
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'account',
      fields: {
        source_record_id: { column: 'no', as: 'text' },
        account_ref: { column: 'no', as: 'text' },
        type: { const: 'term' },
        currency: { const: 'CNY' },
        status: { const: 'normal' },
        balance: { column: 'balance', as: 'decimal', currency: 'CNY' },
      },
    },
  ],
  as_of: { column: 'on', as: 'date' },
};

let database: TestDatabase;
let world: World;
let batches: Batches;
let digest: string;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});

beforeEach(async () => {
  await world.reset();
  batches = createBatches(world.bureau);
  digest = await storeMapping(world.bureau, structuredClone(mapping));
});

afterAll(async () => {
  await world.close();
  await database.drop();
});

const line = (n: number, change: { balance?: string; on?: string; id?: string } = {}): string =>
  `${change.id ?? resident(n)},L${n},${change.balance ?? '10.00'},${change.on ?? '2026-10-31'}`;
const file = (...lines: string[]): string => `${['id,no,balance,on', ...lines].join('\n')}\n`;
const many = (n: number): string => file(...Array.from({ length: n }, (_, at) => line(at)));
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

const publish = async (text: string, by = batches, under = digest) =>
  await by.publish(under, chunks(text), sha256(text));

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof CausewayError ? error.code : String(error);
}

const moment = () => ({ nowMs: world.clock.now(), rules: world.bureau.life() });

const counts = async () => ({
  batches: await world.count('batch'),
  records: await world.count('record'),
  rejections: await world.count('rejection'),
  spooled: (await readdir(world.spoolDir)).length,
});
const nothing = { batches: 0, records: 0, rejections: 0, spooled: 0 };

/** Batches of a process that dies at a chunk. */
function dyingAt(call: number, when: 'before' | 'after'): Batches {
  let n = 0;
  const die = (): never => {
    throw new Error('killed');
  };
  const commitChunk: Bureau['commitChunk'] = async (chunk) => {
    n += 1;
    if (n === call && when === 'before') die();
    const mine = await world.bureau.commitChunk(chunk);
    return n === call ? die() : mine;
  };
  return createBatches({ ...world.bureau, commitChunk });
}

describe('a published file', () => {
  it('becomes records under references; rejected lines are listed, raw identifiers are nowhere', async () => {
    const batch = await publish(file(line(1), line(2), line(3, { balance: 'x' }), line(1, { id: 'nobody' })));
    expect(batch).toMatchObject({ state: 'complete', lines: 4, accepted: 2, rejected: 2, subjects: 2 });
    const rejections = await rejectionsAfter(world.bureau.db, batch, 0, 10);
    expect(rejections.map((each) => [each.line, each.column, each.rule])).toEqual([
      [4, 'balance', 'decimal'],
      [5, 'id', 'identifier_check'],
    ]);
    const { rows } = await world.pool.query<{ subject_ref: string }>(
      'SELECT subject_ref FROM record ORDER BY 1',
    );
    const refs = [1, 2].map((n) => refOf({ scheme: 'gb11643', value: resident(n) }));
    expect(rows.map((row) => row.subject_ref)).toEqual(refs.toSorted());
    const dump = await world.pool.query(
      `SELECT record::text, subject::text, batch::text FROM record, subject, batch`,
    );
    expect(JSON.stringify(dump.rows) + JSON.stringify(rejections) + world.log()).not.toContain(resident(1));
    expect(await counts()).toMatchObject({ spooled: 0 });
  });

  it('is read by the hosted source as it was published', async () => {
    await publish(file(line(1, { balance: '8095.20' })));
    const ref = refOf({ scheme: 'gb11643', value: resident(1) });
    const found = await hotTransaction(
      world.pool,
      async (trx) => await readHosted(trx, [ref, 'nobody'], moment()),
    );
    expect(found.get('nobody')).toEqual({ known: false, records: [] });
    const [record, ...more] = found.get(ref)?.records ?? [];
    expect(more).toEqual([]);
    expect(record).toMatchObject({ as_of: '2026-10-31', openedBy: ['ACCOUNT_DETAIL'] });
    expect(JSON.parse(record?.text ?? '')).toMatchObject({ record_id: 'account-L1', balance: '809520' });
  });

  it('S7 twice, or many times at once, is one batch', async () => {
    const text = many(40);
    const answers = await Promise.all([
      publish(text),
      publish(text),
      publish(text, createBatches(world.bureau)),
    ]);
    answers.push(await publish(text));
    for (const answer of answers)
      expect(answer).toMatchObject({ state: 'complete', lines: 40, accepted: 40 });
    expect(await counts()).toEqual({ batches: 1, records: 40, rejections: 0, spooled: 0 });
  });

  it('replaces the same record when it is newer, and not when it is older', async () => {
    await publish(file(line(1, { balance: '1.00', on: '2026-09-30' })));
    await publish(file(line(1, { balance: '2.00', on: '2026-10-31' })));
    await publish(file(line(1, { balance: '3.00', on: '2026-08-31' })));
    const { rows } = await world.pool.query(`SELECT body::json ->> 'balance' AS balance, as_of FROM record`);
    expect(rows).toEqual([{ balance: '200', as_of: '2026-10-31' }]);
  });

  it('under a corrected mapping is another batch', async () => {
    await publish(file(line(1)));
    const corrected = await storeMapping(world.bureau, { ...structuredClone(mapping), name: 'loans-2' });
    expect(await publish(file(line(1)), batches, corrected)).toMatchObject({
      lines: 1,
      accepted: 1,
      subjects: 1,
    });
    expect(await counts()).toMatchObject({ batches: 2, records: 1 });
  });
});

describe('a file that is refused whole', () => {
  it.each([
    ['digest_mismatch', file(line(1)), file(line(2))],
    ['file_truncated', file(line(1)) + line(2).slice(0, 20), undefined],
    ['file_truncated', `${many(2000)}"`, undefined],
    ['header_unreadable', `${line(1)}\n`, undefined],
    ['header_unreadable', '', undefined],
  ])('as %s leaves no record, no batch, no spool file', async (code, text, digested) => {
    const promise = batches.publish(digest, chunks(text), sha256(digested ?? text));
    expect(await codeOf(promise)).toBe(code);
    expect(await counts()).toEqual(nothing);
  });

  it('because its mapping is not known leaves nothing', async () => {
    const other = `sha-256:${'A'.repeat(43)}`;
    expect(await codeOf(publish(many(1), batches, other))).toBe('not_found');
    expect(await counts()).toEqual(nothing);
  });

  it('by a sender that breaks off leaves nothing', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(file(line(1)));
      throw new CausewayError('unavailable');
    }
    expect(await codeOf(batches.publish(digest, broken(), sha256('')))).toBe('unavailable');
    expect(await counts()).toEqual(nothing);
  });
});

describe('a mapping', () => {
  it('for another bureau, or malformed, is refused and not stored', async () => {
    expect(await codeOf(storeMapping(world.bureau, { ...mapping, bureau: 'lotus' }))).toBe('mapping_invalid');
    expect(await codeOf(storeMapping(world.bureau, { ...mapping, extra: 1 }))).toBe('mapping_invalid');
    expect(await world.count('mapping')).toBe(1);
  });

  it('has one digest, whatever the order of its members', async () => {
    const reversed = Object.fromEntries(Object.entries(mapping).toReversed());
    expect(await storeMapping(world.bureau, reversed)).toBe(digest);
  });
});

describe('the chunks of a batch', () => {
  it('end behind four megabytes, however few their lines', async () => {
    const sizes: number[] = [];
    const commitChunk: Bureau['commitChunk'] = async (chunk) => {
      sizes.push(chunk.nextOffset - chunk.fromOffset);
      return await world.bureau.commitChunk(chunk);
    };
    // What no line may have is long, so that nothing of it is stored.
    const long = Array.from({ length: 150 }, (_, n) => `${line(n)},${'x'.repeat(60_000)}`);
    const batch = await publish(file(...long), createBatches({ ...world.bureau, commitChunk }));
    expect(batch).toMatchObject({ state: 'complete', lines: 150, accepted: 0, rejected: 150 });
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThan(4_194_304 + 65_536);
    expect(await world.count('record')).toBe(0);
  });
});

describe('a batch that was cut off', () => {
  /**
   * A bureau whose process dies at the n-th of these calls: what is committed stays, nothing else happens.
   */
  it.each([
    [1, 'before'],
    [1, 'after'],
    [2, 'before'],
    [2, 'after'],
  ] as const)(
    'at chunk %i, %s its commit, goes on from its last chunk and takes each line once',
    async (call, when) => {
      const text = `${many(1400)}bad line\n`;
      expect(await codeOf(publish(text, dyingAt(call, when)))).toContain('killed');
      const sealed = await Promise.all(
        (await readdir(world.spoolDir)).map((name) => readFile(join(world.spoolDir, name))),
      );
      for (const bytes of sealed) expect(bytes.includes(resident(1))).toBe(false);
      const fresh = createBatches(world.bureau);
      await fresh.sweep();
      await fresh.resume();
      const batch = await findBatch(world.bureau.db, `sha-256:${sha256(text).toString('base64url')}`);
      expect(batch).toMatchObject({
        state: 'complete',
        lines: 1401,
        accepted: 1400,
        rejected: 1,
        subjects: 1400,
      });
      expect(await counts()).toMatchObject({ records: 1400, rejections: 1 });
    },
  );

  it('answers the sender that comes again', async () => {
    const text = many(1200);
    expect(await codeOf(publish(text, dyingAt(2, 'after')))).toContain('killed');
    expect(await publish(text)).toMatchObject({
      state: 'complete',
      lines: 1200,
      accepted: 1200,
      subjects: 1200,
    });
    expect(await counts()).toMatchObject({ batches: 1, records: 1200 });
  });

  it('stays running while the authority gives no references, and goes on when it does', async () => {
    const references = async (): Promise<never> => {
      throw new CausewayError('budget_exhausted');
    };
    expect(await codeOf(publish(many(3), createBatches({ ...world.bureau, references })))).toBe(
      'budget_exhausted',
    );
    expect(await counts()).toEqual({ batches: 1, records: 0, rejections: 0, spooled: 1 });
    await batches.resume();
    expect(await counts()).toEqual({ batches: 1, records: 3, rejections: 0, spooled: 0 });
  });
});

describe('a re-key of references', () => {
  const first = (n: number): string => refOf({ scheme: 'gb11643', value: resident(n) });
  const second = (n: number): string => first(n).replace('s1.1.', 's1.2.');
  const inBoth = async (identifiers: readonly Identifier[]) =>
    identifiers.map((each) => [refOf(each), refOf(each).replace('s1.1.', 's1.2.')]);
  /** The bureau while the directory publishes these epochs. */
  const during = (...epochs: string[]) => {
    const view = {
      ...world.directory.current,
      references: {
        current: epochs[0] ?? '',
        epochs: epochs.map((epoch) => ({ epoch, canary: 'A'.repeat(43) })),
      },
    };
    const directory = { ...world.bureau.directory, view: () => view };
    return createBatches({
      ...world.bureau,
      directory,
      ...(epochs.length > 1 ? { references: inBoth } : {}),
    });
  };
  const read = async (ref: string) =>
    (await hotTransaction(world.pool, async (trx) => await readHosted(trx, [ref], moment()))).get(ref);
  const refs = async (): Promise<string[]> => {
    const { rows } = await world.pool.query<{ ref: string }>('SELECT subject_ref AS ref FROM record');
    return rows.map(({ ref }) => ref).toSorted();
  };

  it('records are stored under both references of a subject, and found under either', async () => {
    const batch = await publish(file(line(1), line(2)), during('1', '2'));
    expect(batch).toMatchObject({ accepted: 2, subjects: 2, stored_under: ['1', '2'] });
    expect(await refs()).toEqual([first(1), first(2), second(1), second(2)].toSorted());
    for (const ref of [first(1), second(1)])
      expect(await read(ref)).toMatchObject({ known: true, records: [{ as_of: '2026-10-31' }] });
  });

  it('a file that comes again in it is taken again, once, and counts as before', async () => {
    const text = file(line(1), line(2), line(3, { balance: 'x' }));
    const before = await publish(text, during('1'));
    expect(await refs()).toEqual([first(1), first(2)].toSorted());
    const again = await publish(text, during('1', '2'));
    expect(await refs()).toHaveLength(4);
    const { lines, accepted, rejected, subjects, state } = before;
    expect(again).toMatchObject({ lines, accepted, rejected, subjects, state, stored_under: ['1', '2'] });
    expect(await publish(text, during('2', '1'))).toEqual(again);
    expect(await publish(text, during('2'))).toEqual(again);
    expect(await counts()).toMatchObject({ batches: 1, records: 4, rejections: 1, spooled: 0 });
  });

  it('a batch that was cut in it is stored under both in every line when it is done', async () => {
    const text = many(1200);
    expect(await codeOf(publish(text, dyingAt(2, 'after')))).toContain('killed');
    const done = await publish(text, during('1', '2'));
    expect(done).toMatchObject({ state: 'complete', stored_under: ['1'] });
    expect(await publish(text, during('1', '2'))).toMatchObject({ stored_under: ['1', '2'], subjects: 1200 });
    expect(await counts()).toMatchObject({ batches: 1, records: 2400 });
  });
});

describe('the service role', () => {
  it.each([
    'DELETE FROM record',
    'DELETE FROM answer',
    'TRUNCATE answer',
    'DELETE FROM rejection',
    'UPDATE leaf SET idx = 1',
  ])('S60 cannot %s', async (statement) => {
    await expect(world.pool.query(statement)).rejects.toThrow('permission denied');
  });
});
