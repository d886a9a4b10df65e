import { createHash } from 'node:crypto';
import { systemRandom } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import type { App } from '@causeway/service';
import { baseApp } from '@causeway/service/base-app';
import { plainServer } from '@causeway/service/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Bureau } from '../bureau.ts';
import { createBatches } from '../publishing/batches.ts';
import type { Batches } from '../publishing/batches.ts';
import { storeMapping } from '../publishing/mappings.ts';
import { resident } from '../publishing/test-residents.ts';
import type { World } from '../test-world.ts';
import { createWorld, refOf } from '../test-world.ts';
import { qualityRoute } from './route.ts';

const mapping = {
  ...{ v: 1, name: 'loans', bureau: 'central', format: 'csv', encoding: 'utf-8', header: true },
  provider: 'abc-bank',
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'account',
      fields: {
        ...{ source_record_id: { column: 'no', as: 'text' }, account_ref: { column: 'no', as: 'text' } },
        ...{ type: { const: 'term' }, currency: { const: 'CNY' }, status: { const: 'normal' } },
        original: { const: '1000' },
        balance: { column: 'balance', as: 'decimal', currency: 'CNY' },
      },
    },
  ],
  // The world's clock stands at 19 November 2026.
  as_of: { const: '2026-11-18' },
};

let database: TestDatabase;
let world: World;
let app: App;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
  const { bureau } = world;
  app = baseApp({ log: bureau.log, clock: bureau.clock, random: systemRandom }, plainServer);
  app.decorateRequest('caller');
  // Tokens have their own tests; here the header says who the token's member is.
  app.decorate('requireToken', (scope) => async (request) => {
    const member = request.headers['x-member'];
    if (typeof member !== 'string' || member === '') throw new CausewayError('token_missing');
    request.caller = { member, scopes: [scope] };
  });
  qualityRoute(app, bureau);
});

beforeEach(async () => await world.reset());

afterAll(async () => {
  await app.close();
  await world.close();
  await database.drop();
});

const line = (n: number, balance = '1.00'): string => `${resident(n)},L${n},${balance}`;
const file = (...lines: string[]): string => `${['id,no,balance', ...lines].join('\n')}\n`;

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function publish(text: string, change: object = {}, by: Batches = createBatches(world.bureau)) {
  const digest = await storeMapping(world.bureau, structuredClone({ ...mapping, ...change }));
  return await by.publish(digest, bytesOf(text), createHash('sha256').update(text).digest());
}

const get = async (query: string, member = 'central') =>
  await app.inject({ method: 'GET', url: `/v1/quality${query}`, headers: { 'x-member': member } });

interface Body {
  providers: { provider: string; index: number; counts: Record<string, number> }[];
}
const countsOf = async (provider = 'abc-bank') =>
  (await get(`?month=2026-11&provider=${provider}`)).json<Body>().providers[0]?.counts;

describe('GET /v1/quality', () => {
  it('scores each provider that has sent something in the month, by the formula', async () => {
    await publish(file(line(1), line(2, '20.00'), line(3, 'x'), line(4)));
    await publish(file(line(5)), { provider: 'credit-union' });
    const { providers, ...rest } = (await get('?month=2026-11')).json<Body>();
    expect(rest).toMatchObject({ month: '2026-11', weights: { completeness: 30 } });
    expect(providers.map(({ provider }) => provider)).toEqual(['abc-bank', 'credit-union']);
    expect(providers[0]).toMatchObject({
      components: { timeliness: 100, validity: 75, consistency: 83.3 },
      rejects: { decimal: 1 },
      broken: { balance_within_original: 1 },
      counts: { lines: 4, 'records.account': 3, 'rejected.decimal': 1, 'timely.3': 3 },
    });
    expect((await get('?month=2026-11&after=abc-bank')).json<Body>().providers).toHaveLength(1);
    expect((await get('?month=2026-12')).json<Body>().providers).toEqual([]);
    expect((await get('?month=2026-11&provider=nobody')).json<Body>().providers).toEqual([]);
  });

  it.each([
    ['token_missing', 401, '?month=2026-11', ''],
    ['role_not_permitted', 403, '?month=2026-11', 'lotus'],
    ['role_not_permitted', 403, '?month=2026-11&provider=abc-bank', 'abc-bank'],
    ['bad_request', 400, '', 'central'],
    ['bad_request', 400, '?month=2026-13', 'central'],
    ['bad_request', 400, '?month=2026-11&provider=ABC%20Bank', 'central'],
    ['bad_request', 400, '?month=2026-11&subject=s1', 'central'],
  ])('%s (%i) for %j by %j tells nothing', async (code, status, query, member) => {
    await publish(file(line(1)));
    const answer = await get(query, member);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect(answer.body).not.toContain('abc-bank');
  });
});

describe('lines are counted once', () => {
  it('where the same file comes twice, or is taken again under another epoch of references', async () => {
    await publish(file(line(1), line(2)));
    const before = await countsOf();
    await publish(file(line(1), line(2)));
    const view = {
      ...world.directory.current,
      references: { current: '2', epochs: [{ epoch: '2', canary: 'A'.repeat(43) }] },
    };
    const again: Bureau = {
      ...world.bureau,
      directory: { ...world.bureau.directory, view: () => view },
      references: async (all) => all.map((each) => [refOf(each).replace('s1.1.', 's1.2.')]),
    };
    expect(await publish(file(line(1), line(2)), {}, createBatches(again))).toMatchObject({ again: true });
    expect(await countsOf()).toEqual(before);
    expect(before).toMatchObject({ lines: 2 });
  });

  it('where a process dies before a chunk or behind it, and another one goes on', async () => {
    const many = file(...Array.from({ length: 1200 }, (_, n) => line(n)), line(1, 'x'));
    for (const when of ['before', 'after'] as const) {
      await world.reset();
      let n = 0;
      const commitChunk: Bureau['commitChunk'] = async (chunk) => {
        n += 1;
        const dies = n === 2;
        if (dies && when === 'before') throw new Error('killed');
        const mine = await world.bureau.commitChunk(chunk);
        if (dies) throw new Error('killed');
        return mine;
      };
      const dying = createBatches({ ...world.bureau, commitChunk });
      await expect(publish(many, {}, dying)).rejects.toThrow('killed');
      await createBatches(world.bureau).resume();
      expect(await countsOf()).toMatchObject({ lines: 1201, 'records.account': 1200, 'rejected.decimal': 1 });
    }
  });

  it('a file that is refused whole counts for nothing', async () => {
    await expect(publish(file(line(1)).slice(0, -8))).rejects.toThrow(CausewayError);
    expect(await countsOf()).toBeUndefined();
  });
});
