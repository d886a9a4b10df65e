import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { CausewayError, verify } from '@causeway/protocol';
import { context } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase } from '@causeway/service';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { BureauTables } from '../tables.ts';
import type { World } from '../test-world.ts';
import { createWorld } from '../test-world.ts';
import type { Batches } from './batches.ts';
import { createBatches } from './batches.ts';
import { storeMapping } from './mappings.ts';
import { resident } from './test-residents.ts';

const mapping = {
  ...{ v: 1, name: 'loans', bureau: 'central', format: 'csv', encoding: 'utf-8', header: true },
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'account',
      fields: {
        ...{ source_record_id: { column: 'no', as: 'text' }, account_ref: { column: 'no', as: 'text' } },
        ...{ type: { const: 'term' }, currency: { const: 'CNY' }, status: { const: 'normal' } },
      },
    },
  ],
  as_of: { const: '2026-10-31' },
};
const provided = { ...mapping, provider: 'abc-bank', basis: { law: 'credit-reporting-regulation-art-29' } };

let database: TestDatabase;
let world: World;
let batches: Batches;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});

beforeEach(async () => {
  await world.reset();
  batches = createBatches(world.bureau);
  await batches.sweep();
});

afterAll(async () => {
  await world.close();
  await database.drop();
});

const file = (n: number): string =>
  `${['id,no', ...Array.from({ length: n }, (_, at) => `${resident(at)},L${at}`)].join('\n')}\n`;

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const publish = async (text: string, under: object = provided, by = batches) =>
  await by.publish(
    await storeMapping(world.bureau, structuredClone(under)),
    bytesOf(text),
    createHash('sha256').update(text).digest(),
  );

const leaves = async (): Promise<{ digest: string; typ: string; iss: string; aud: string }[]> =>
  (
    await sql<{ digest: string; typ: string; iss: string; aud: string }>`
      SELECT digest, typ, iss, aud FROM leaf_staging`.execute(world.bureau.db)
  ).rows;

const named = async (): Promise<(string | null)[]> =>
  (
    await world.pool.query<{ batch: string | null }>(
      `SELECT DISTINCT body::json ->> 'batch' AS batch FROM record ORDER BY 1`,
    )
  ).rows.map(({ batch }) => batch);

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof CausewayError ? error.code : String(error);
}

describe('a batch that is accepted', () => {
  it('says who published what, is a leaf, and is named by each of its records', async () => {
    const batch = await publish(file(3));
    const ctx = context('evergreen', { nowMs: world.clock.now() });
    const { claims, digest } = verify('batch', batch.statement ?? '', ctx);
    expect(claims).toMatchObject({
      ...{ iss: 'central', file: batch.digest, mapping: batch.mapping, provider: 'abc-bank' },
      ...{ basis: provided.basis, format: 'csv', bytes: file(3).length },
    });
    expect(claims.received_at).toBe(Math.floor(world.clock.now() / 1000));
    expect(await leaves()).toEqual([{ digest, typ: 'batch', iss: 'central', aud: 'all' }]);
    expect(await named()).toEqual([digest]);
  });

  it('is the bureau’s own where its mapping names no provider', async () => {
    const { statement } = await publish(file(1), mapping);
    const ctx = context('any', { nowMs: world.clock.now() });
    expect(verify('batch', statement ?? '', ctx).claims.provider).toBe('central');
  });

  it('twice, or many times at once, has one statement and one leaf', async () => {
    const all = await Promise.all([publish(file(3)), publish(file(3)), publish(file(3))]);
    all.push(await publish(file(3)));
    expect(new Set(all.map(({ statement }) => statement)).size).toBe(1);
    expect(await leaves()).toHaveLength(1);
  });

  it('under another mapping is another statement; records name the first to say what they say', async () => {
    const first = await publish(file(2));
    await publish(file(2), { ...provided, name: 'loans-2' });
    expect(await leaves()).toHaveLength(2);
    expect(await named()).toEqual([first.statement_digest]);
  });

  it('of before batches were signed gets its statement and its leaf when its file comes again', async () => {
    await publish(file(1));
    await world.pool.query('UPDATE batch SET statement = NULL, statement_digest = NULL');
    await world.pool.query('DELETE FROM leaf_staging');
    const { statement } = await publish(file(1));
    expect(statement).not.toBeNull();
    expect(await leaves()).toHaveLength(1);
  });
});

describe('no batch without its leaf', () => {
  const nothing = async () => [await world.count('batch'), await world.count('record'), await leaves()];

  it('where the leaf cannot be written, nothing is accepted', async () => {
    const { log } = world.bureau;
    const owner = createDatabase<BureauTables>({ url: database.ownerUrl, name: 'owner', max: 1, log });
    await owner.pool.query('REVOKE INSERT ON leaf_staging FROM causeway_app');
    try {
      expect(await codeOf(publish(file(3)))).toContain('permission denied');
      expect(await nothing()).toEqual([0, 0, []]);
    } finally {
      await owner.pool.query('GRANT INSERT ON leaf_staging TO causeway_app');
      await owner.close();
    }
  });

  it('where no key may sign it, nothing is accepted and nothing stays in the spool', async () => {
    const key = {
      member: 'central',
      for: () => {
        throw new CausewayError('not_ready');
      },
    };
    const code = await codeOf(publish(file(3), provided, createBatches({ ...world.bureau, key })));
    expect(code).toBe('not_ready');
    expect([...(await nothing()), await readdir(world.spoolDir)]).toEqual([0, 0, [], []]);
  });

  it.each([{ provider: 'ABC Bank' }, { basis: {} }, { basis: { word: 'of mouth' } }, { basis: 'law' }])(
    'a mapping with %j is refused and not stored',
    async (change) => {
      expect(await codeOf(publish(file(1), { ...mapping, ...change }))).toBe('mapping_invalid');
      expect([await world.count('mapping'), ...(await nothing())]).toEqual([0, 0, 0, []]);
    },
  );
});
