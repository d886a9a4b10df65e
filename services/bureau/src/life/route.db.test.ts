import { systemRandom } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import type { App } from '@causeway/service';
import { baseApp } from '@causeway/service/base-app';
import { plainServer } from '@causeway/service/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { resident } from '../publishing/test-residents.ts';
import type { World } from '../test-world.ts';
import { createWorld } from '../test-world.ts';
import { lifeRoutes } from './route.ts';
import { late, line, loans, publish, refOfResident } from './test-publishing.ts';

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
  app.decorate('requireToken', () => async (request) => {
    const member = request.headers['x-member'];
    if (typeof member !== 'string' || member === '') throw new CausewayError('token_missing');
    request.caller = { member, scopes: ['records.publish'] };
  });
  lifeRoutes(app, bureau);
});

beforeEach(async () => {
  await world.reset();
  await publish(world, loans, line());
});

afterAll(async () => {
  await app.close();
  await world.close();
  await database.drop();
});

const dispute = {
  subject: { scheme: 'gb11643', id: resident(1) },
  ...{ record: 'account', source_record_id: 'L1', kind: 'dispute_mark' },
};

const call = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, member = 'central') =>
  await app.inject({ method, url, headers: { 'x-member': member }, ...(payload && { payload }) });
const marks = '/v1/records/marks';
const at = (ms: number | string, ref = refOfResident()) => `/v1/records?ref=${ref}&at=${ms}`;

describe('POST /v1/records/marks', () => {
  it('201 marks the record of a person by number, and DELETE ends it; both stay known', async () => {
    const before = world.clock.now();
    world.clock.advance(1000);
    const made = await call('POST', marks, { ...dispute, text: 'never had this loan' });
    expect(made.statusCode).toBe(201);
    const marked = await call('GET', at(world.clock.now()));
    expect(marked.json()).toMatchObject({
      records: [{ display_state: 'marked', marks: [{ kind: 'dispute_mark', text: 'never had this loan' }] }],
    });
    world.clock.advance(1000);
    const { mark } = made.json<{ mark: string }>();
    expect((await call('DELETE', `${marks}/${mark}`)).statusCode).toBe(204);
    for (const moment of [before, world.clock.now()])
      expect((await call('GET', at(moment))).json<{ records: object[] }>().records[0]).not.toHaveProperty(
        'marks',
      );
    expect((await call('GET', at(world.clock.now() - 1))).json()).toEqual({
      ...marked.json<object>(),
      at: world.clock.now() - 1,
    });
    expect(world.log()).not.toContain(resident(1));
  });

  it.each<[string, number, object, string?]>([
    ['token_missing', 401, dispute, ''],
    ['role_not_permitted', 403, dispute, 'lotus'],
    ['not_found', 404, { ...dispute, source_record_id: 'L9' }],
    ['not_found', 404, { ...dispute, subject: { scheme: 'gb11643', id: resident(2) } }],
    ['bad_request', 400, { ...dispute, subject: { scheme: 'gb11643', id: '1' } }],
    ['bad_request', 400, { ...dispute, kind: 'rumour' }],
    ['bad_request', 400, { ...dispute, record: 'gossip' }],
    ['bad_request', 400, { ...dispute, text: `call ${resident(2)}` }],
    ['bad_request', 400, { ...dispute, text: 'x'.repeat(1001) }],
    ['bad_request', 400, { ...dispute, ends_on: '2027-02-30' }],
    ['bad_request', 400, { ...dispute, added_on: '2020-01-01' }],
  ])('%s (%i) marks nothing', async (code, status, payload, member) => {
    const answer = await call('POST', marks, payload, member);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect(await world.count('mark')).toBe(0);
    expect(answer.body).not.toContain(resident(2));
  });
});

describe('DELETE /v1/records/marks', () => {
  it.each<[string, number, string, string?]>([
    ['not_found', 404, '019a0000-0000-7000-8000-000000000000'],
    ['bad_request', 400, 'x'],
    ['role_not_permitted', 403, '019a0000-0000-7000-8000-000000000000', 'lotus'],
  ])('%s (%i) ends nothing', async (code, status, mark, member) => {
    await call('POST', marks, dispute);
    const answer = await call('DELETE', `${marks}/${mark}`, undefined, member);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    const { rows } = await world.pool.query('SELECT FROM mark WHERE ended_ms IS NULL');
    expect(rows).toHaveLength(1);
  });
});

describe('POST /v1/records/notices', () => {
  const notices = '/v1/records/notices';
  const { kind: _, ...addressed } = dispute;
  const notice = { ...addressed, source_record_id: 'L2', notice_id: 'letter-7' };
  const hold = { ...loans, hold_adverse: true };
  const now = async () =>
    (await call('GET', at(world.clock.now()))).json<{ records: object[]; withheld: object[] }>();
  const versions = async () => [await world.count('record'), await world.count('record_version')];

  it('204 lets out what was held back, also in later reports of the same behaviour', async () => {
    const batch = await publish(world, hold, late({ no: 'L2', notice: '' }));
    expect(batch).toMatchObject({ accepted: 1, rejected: 0 });
    const before = world.clock.now();
    expect(await now()).toMatchObject({
      records: [{}],
      withheld: [{ state: 'restricted', rule: 'cn.adverse.notice' }],
    });
    world.clock.advance(1000);
    expect((await call('POST', notices, notice)).statusCode).toBe(204);
    expect(await now()).toMatchObject({ records: [{}, { notice_id: 'letter-7', version: 2 }], withheld: [] });
    await publish(world, hold, late({ no: 'L2', notice: '', on: '2026-11-03' }));
    expect(await now()).toMatchObject({ records: [{}, { notice_id: 'letter-7', version: 3 }], withheld: [] });
    const then = (await call('GET', at(before))).json<{ records: object[] }>();
    expect(then.records).toHaveLength(1);
    expect((await call('POST', notices, notice)).statusCode).toBe(204);
    expect(await versions()).toEqual([2, 2]);
  });

  it('of one behaviour is none of the next', async () => {
    await publish(world, hold, late({ no: 'L2' }));
    await publish(world, hold, late({ no: 'L2', notice: '', from: '2026-01-01', to: '', on: '2026-11-03' }));
    expect(await now()).toMatchObject({ records: [{}], withheld: [{ state: 'restricted' }] });
  });

  it.each<[string, number, object, string?]>([
    ['token_missing', 401, notice, ''],
    ['role_not_permitted', 403, notice, 'lotus'],
    ['not_found', 404, { ...notice, source_record_id: 'L9' }],
    ['conflict', 409, { ...notice, source_record_id: 'L1' }],
    ['bad_request', 400, { ...notice, notice_id: '' }],
    ['bad_request', 400, { ...notice, text: 'told' }],
  ])('%s (%i) lets nothing out', async (code, status, payload, member) => {
    await publish(world, hold, late({ no: 'L2', notice: '' }));
    const answer = await call('POST', notices, payload, member);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect(await now()).toMatchObject({ records: [{}], withheld: [{ state: 'restricted' }] });
    expect(await versions()).toEqual([2, 0]);
  });
});

describe('GET /v1/records', () => {
  it('200 without a moment is of now, and 400 of one that is yet to come', async () => {
    const now = world.clock.now();
    expect((await call('GET', `/v1/records?ref=${refOfResident()}`)).json()).toMatchObject({
      ...{ at: now, known: true },
      records: [{ source_record_id: 'L1', version: 1 }],
    });
    expect((await call('GET', at(now + 1))).statusCode).toBe(400);
  });

  it.each<[number, string, string?]>([
    [401, at(1), ''],
    [403, at(1), 'abc-bank'],
    [400, at('yesterday')],
    [400, at(-1)],
    [400, at(1, resident(1))],
    [400, `${at(1)}&all=1`],
    [400, '/v1/records'],
  ])('%i for %s', async (status, url, member) => {
    const answer = await call('GET', url, undefined, member);
    expect([answer.statusCode, answer.body.includes('L1')]).toEqual([status, false]);
  });
});
