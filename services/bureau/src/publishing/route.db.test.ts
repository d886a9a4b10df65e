import { createHash } from 'node:crypto';
import { systemRandom } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import type { App } from '@causeway/service';
import { baseApp } from '@causeway/service/base-app';
import { plainServer } from '@causeway/service/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { World } from '../test-world.ts';
import { createWorld } from '../test-world.ts';
import { createBatches } from './batches.ts';
import { publishingRoutes } from './route.ts';
import { resident } from './test-residents.ts';

const mapping = {
  ...{ v: 1, name: 'people', bureau: 'central', format: 'csv', encoding: 'utf-8', header: true },
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'profile',
      fields: {
        kind: { const: 'person' },
        source_record_id: { column: 'no', as: 'text' },
        sex: { column: 'sex', as: 'code', map: { F: 'female', M: 'male' } },
      },
    },
  ],
  as_of: { const: '2026-10-31' },
};

const csv = `id,no,sex\n${resident(1)},1,F\n${resident(2)},2,X\n`;
const digestHeader = (text: string) => `sha-256=:${createHash('sha256').update(text).digest('base64')}:`;
const headers = { 'x-member': 'central', 'content-type': 'text/csv', 'content-digest': digestHeader(csv) };

let database: TestDatabase;
let world: World;
let app: App;
let digest: string;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
  const { bureau } = world;
  app = baseApp({ log: bureau.log, clock: bureau.clock, random: systemRandom }, plainServer);
  app.decorateRequest('caller');
  // Tokens have their own tests; here the header says who the token's member is.
  app.decorate('requireToken', () => async (request) => {
    const member = request.headers['x-member'];
    if (typeof member !== 'string' || member === '') throw new CausewayError('token_missing');
    request.caller = { member, scopes: ['records.publish'] };
  });
  publishingRoutes(app, bureau, createBatches(bureau));
});

beforeEach(async () => {
  await world.reset();
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/mappings',
    headers: { 'x-member': 'central' },
    payload: mapping,
  });
  digest = answer.json<{ digest: string }>().digest;
});

afterAll(async () => {
  await app.close();
  await world.close();
  await database.drop();
});

const post = async (
  change: Record<string, string> = {},
  payload: string | Buffer = csv,
  query = `?mapping=${digest}`,
) =>
  await app.inject({
    method: 'POST',
    url: `/v1/batches${query}`,
    headers: { ...headers, ...change },
    payload,
  });

const get = async (url: string, member = 'central') =>
  await app.inject({ method: 'GET', url, headers: { 'x-member': member } });

describe('POST /v1/batches', () => {
  it('200 says what was taken, and the GETs say it again', async () => {
    const answer = await post();
    const { batch } = answer.json<{ batch: string }>();
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      state: 'complete',
      lines: 2,
      accepted: 1,
      rejected: 1,
      subjects: 1,
    });
    expect((await get(`/v1/batches/${batch}`)).json()).toEqual(answer.json());
    const rejections = await get(`/v1/batches/${batch}/rejections`);
    expect(rejections.json()).toEqual({
      items: [
        {
          ...{ line: 3, column: 'sex', rule: 'code', pointer: '/records/0/fields/sex' },
          message: expect.any(String) as string,
        },
      ],
    });
    expect((await get(`/v1/batches/${batch}/rejections?after=3`)).json()).toEqual({ items: [] });
  });

  it('leaves a large file an hour, and the headers of a request ten seconds as before', () => {
    expect([app.server.requestTimeout, app.server.headersTimeout]).toEqual([3_600_000, 10_000]);
  });

  it.each([
    ['token_missing', 401, { 'x-member': '' }, csv],
    ['role_not_permitted', 403, { 'x-member': 'lotus' }, csv],
    ['digest_mismatch', 400, { 'content-digest': '' }, csv],
    ['digest_mismatch', 400, {}, `${csv} `],
    ['file_truncated', 400, { 'content-digest': digestHeader(csv.slice(0, -4)) }, csv.slice(0, -4)],
    ['header_unreadable', 400, { 'content-digest': digestHeader('x\n') }, 'x\n'],
    ['unsupported_media_type', 415, { 'content-type': 'application/json' }, csv],
    ['unsupported_media_type', 415, { 'content-type': 'text/csv; charset=gbk' }, csv],
    ['unsupported_media_type', 415, { 'content-encoding': 'gzip' }, csv],
  ])('%s (%i) leaves nothing', async (code, status, change, payload) => {
    const answer = await post(change, payload);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect([await world.count('batch'), await world.count('record')]).toEqual([0, 0]);
  });

  it.each([
    ['', 400],
    [`?mapping=sha-256:${'A'.repeat(43)}`, 404],
    ['?mapping=x', 400],
  ])('with the mapping %j is %i', async (query, status) => {
    expect((await post({}, csv, query)).statusCode).toBe(status);
    expect(await world.count('batch')).toBe(0);
  });
});

describe('a snapshot', () => {
  it('is told with what it no longer names, by reference, page by page', async () => {
    const snapshot = { ...mapping, mode: 'snapshot' };
    const made = await app.inject({
      ...{ method: 'POST', url: '/v1/mappings', headers: { 'x-member': 'central' }, payload: snapshot },
    });
    const query = `?mapping=${made.json<{ digest: string }>().digest}`;
    const all = `id,no,sex\n${[1, 2, 3].map((n) => `${resident(n)},${n},F\n`).join('')}`;
    await post({ 'content-digest': digestHeader(all) }, all, query);
    const less = `id,no,sex\n${resident(2)},2,F\n`;
    const answer = await post({ 'content-digest': digestHeader(less) }, less, query);
    expect(answer.json()).toMatchObject({ accepted: 1, deleted: 0, warnings: 0, disappeared: 2 });
    const { batch } = answer.json<{ batch: string }>();
    const listed = await get(`/v1/batches/${batch}/disappeared`);
    const { items } = listed.json<{ items: { n: number; subject_ref: string }[] }>();
    expect(items.map(({ n }) => n)).toEqual([1, 2]);
    expect(items[0]?.subject_ref).toMatch(/^s1[.]1[.]/u);
    expect(listed.body).not.toContain(resident(1));
    expect((await get(`/v1/batches/${batch}/disappeared?after=1`)).json()).toEqual({ items: items.slice(1) });
    expect((await get(`/v1/batches/${batch}/warnings`)).json()).toEqual({ items: [] });
    expect(await world.count('record')).toBe(3);
  });
});

describe('POST /v1/mappings', () => {
  it.each([
    ['mapping_invalid', 400, 'central', { ...mapping, v: 2 }],
    ['mapping_invalid', 400, 'central', { ...mapping, bureau: 'lotus' }],
    ['mapping_invalid', 400, 'central', {}],
    ['mapping_invalid', 400, 'central', { ...mapping, subject: { ...mapping.subject, scheme: 'sandbox' } }],
    ['role_not_permitted', 403, 'lotus', mapping],
  ])('%s (%i) stores nothing', async (code, status, member, payload) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/mappings',
      headers: { 'x-member': member },
      payload,
    });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect(await world.count('mapping')).toBe(1);
  });
});

describe('GET /v1/batches', () => {
  it('404 for a file that was never sent, 403 for another member, alike for one that was', async () => {
    const absent = `/v1/batches/sha-256:${'A'.repeat(43)}`;
    const { batch } = (await post()).json<{ batch: string }>();
    expect((await get(absent)).statusCode).toBe(404);
    for (const list of ['rejections', 'warnings', 'disappeared']) {
      expect((await get(`${absent}/${list}`)).statusCode).toBe(404);
      expect((await get(`/v1/batches/${batch}/${list}`, 'abc-bank')).statusCode).toBe(403);
    }
    expect((await get(absent, 'abc-bank')).statusCode).toBe(403);
    expect((await get(`/v1/batches/${batch}`, 'abc-bank')).statusCode).toBe(403);
  });
});
