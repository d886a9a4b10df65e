import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { CausewayError } from '@causeway/protocol';
import { encodeStrict } from '@causeway/records/encodings';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { World } from '../test-world.ts';
import { createWorld } from '../test-world.ts';
import { createBatches } from './batches.ts';
import { storeMapping } from './mappings.ts';
import { resident } from './test-residents.ts';

const fields = {
  source_record_id: { column: 'no', as: 'text' },
  account_ref: { column: 'no', as: 'text' },
  type: { const: 'term' },
  currency: { const: 'CNY' },
  status: { const: 'overdue' },
  balance: { column: 'balance', as: 'minor', currency: 'CNY' },
  is_adverse: { const: true },
};
const base = {
  ...{ v: 1, name: 'formats', bureau: 'central', encoding: 'gbk', hold_adverse: true },
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [{ record: 'account', fields }],
  as_of: { const: '2026-10-31' },
};
const xml = {
  ...base,
  format: 'xml',
  xml: { row: '/Report/Loan', columns: { id: 'Id', no: '@no', balance: 'Balance' } },
};
const fixed = {
  ...base,
  format: 'fixed',
  fixed: {
    ...{ record_bytes: 40, line_end: 'lf', type: { at: 0, bytes: 1, data: 'D', trailer: 'T' } },
    columns: [
      { name: 'id', at: 1, bytes: 18 },
      { name: 'no', at: 19, bytes: 6 },
      { name: 'balance', at: 25, bytes: 15 },
    ],
    totals: { count: { at: 1, bytes: 6 }, sums: [{ column: 'balance', at: 7, bytes: 15 }] },
  },
};

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});

beforeEach(async () => await world.reset());

afterAll(async () => {
  await world.close();
  await database.drop();
});

async function publish(mapping: object, text: string, batches = createBatches(world.bureau)) {
  const digest = await storeMapping(world.bureau, structuredClone(mapping));
  const bytes = encodeStrict(text, 'gbk');
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
  };
  return await batches.publish(digest, chunks(), createHash('sha256').update(bytes).digest());
}

const loans = (count: number): string =>
  Array.from({ length: count }, (_, n) => {
    const place = n === 3 ? '<Balance>x</Balance>' : `<Balance>${n}</Balance>`;
    return `<Loan no="L${n}"><Id>${resident(n)}</Id><Name>李娜丂</Name>${place}</Loan>`;
  }).join('\n');
const line = (at: number, balance: number): string =>
  `D${resident(at)}${String(at).padEnd(6)}${String(balance).padStart(15, '0')}\n`;
const trailer = (count: number, sum: number): string =>
  `T${String(count).padStart(6, '0')}${String(sum).padStart(15, '0').padEnd(33)}\n`;

describe('a file that is no CSV', () => {
  it('of XML rows, cut between two chunks, goes on behind its last row and takes each once', async () => {
    const text = `<?xml version="1.0" encoding="GBK"?>\n<Report>${loans(1300)}</Report>`;
    let calls = 0;
    const dying = createBatches({
      ...world.bureau,
      commitChunk: async (chunk) => {
        calls += 1;
        if (calls === 2) throw new Error('killed');
        return await world.bureau.commitChunk(chunk);
      },
    });
    await expect(publish(xml, text, dying)).rejects.toThrow('killed');
    // 250 lines in the first chunk, one of them rejected.
    expect(await world.count('record')).toBe(249);
    const batch = await publish(xml, text);
    expect(batch).toMatchObject({
      state: 'complete',
      lines: 1300,
      accepted: 1299,
      rejected: 1,
      subjects: 1299,
    });
    const { rows } = await world.pool.query('SELECT line::int, rule, pointer FROM rejection');
    expect(rows).toEqual([{ line: 4, rule: 'decimal', pointer: '/records/0/fields/balance' }]);
  });

  it('of fixed width is taken where its totals fit', async () => {
    const batch = await publish(fixed, line(1, 10) + line(2, 20) + trailer(2, 30));
    expect(batch).toMatchObject({ state: 'complete', lines: 2, accepted: 2 });
  });

  it.each([
    ['totals_mismatch', line(1, 10) + line(2, 20) + trailer(2, 31)],
    ['totals_mismatch', line(1, 10) + trailer(2, 10)],
    ['file_truncated', line(1, 10)],
    ['file_malformed', line(1, 10) + trailer(1, 10) + line(2, 20)],
  ])('of fixed width is refused whole as %s and leaves nothing', async (code, text) => {
    const error: unknown = await publish(fixed, text).catch((cause: unknown) => cause);
    expect(error instanceof CausewayError && error.code).toBe(code);
    expect([await world.count('batch'), await world.count('record')]).toEqual([0, 0]);
    expect(await readdir(world.spoolDir)).toEqual([]);
  });

  it('that is adverse and held is stored, and opened to nobody by any category', async () => {
    await publish(fixed, line(1, 10) + trailer(1, 10));
    const { rows } = await world.pool.query('SELECT opened_by FROM record');
    expect(rows).toEqual([{ opened_by: null }]);
  });
});
