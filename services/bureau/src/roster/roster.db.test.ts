import { systemRandom } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import type { App } from '@causeway/service';
import { baseApp } from '@causeway/service/base-app';
import { plainServer } from '@causeway/service/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { resident } from '../publishing/test-residents.ts';
import { createWorld, refOf } from '../test-world.ts';
import type { World } from '../test-world.ts';
import { rosterRoute } from './route.ts';
import { rosterOf } from './roster.ts';

let database: TestDatabase;
let world: World;
let app: App;

const passport = { scheme: 'passport', id: 'UTOL898902C3' } as const;
const identifier = { scheme: 'gb11643', value: resident(1) } as const;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
  const { clock, log } = world.bureau;
  app = baseApp({ log, clock, random: systemRandom }, plainServer);
  app.decorateRequest('caller');
  // Tokens have their own tests; here the header says who the token's member is.
  app.decorate('requireToken', () => async (request) => {
    const member = request.headers['x-member'];
    if (typeof member !== 'string') throw new CausewayError('token_missing');
    request.caller = { member, scopes: ['records.publish'] };
  });
  rosterRoute(app, world.bureau);
});
afterAll(async () => {
  await app.close();
  await world.close();
  await database.drop();
});

const put = async (subjects: unknown, member: string | undefined) => {
  const headers = member === undefined ? {} : { 'x-member': member };
  const answer = await app.inject({ method: 'PUT', url: '/v1/roster', headers, payload: { subjects } });
  return { status: answer.statusCode, code: answer.body === '' ? '' : answer.json<{ code: string }>().code };
};
const entries = async () => await world.count('roster');

describe('PUT /v1/roster', () => {
  it('204 keeps whom the native system knows, found again by the reference alone', async () => {
    const name = '李·娜';
    const entry = { scheme: 'gb11643', id: resident(1), name, handle: 'token-1' };
    expect(await put([entry, passport], 'central')).toEqual({ status: 204, code: '' });
    expect(await world.bureau.roster(refOf(identifier))).toEqual({ identifier, name, handle: 'token-1' });
    expect(await world.bureau.roster(refOf({ scheme: 'gb11643', value: resident(2) }))).toBeUndefined();
    expect(await entries()).toBe(2);
  });

  it('S98 holds nothing in clear: no number, no name, no handle', async () => {
    const { rows } = await world.pool.query<{ subject_ref: string; sealed: Buffer }>('SELECT * FROM roster');
    const stored = rows.map(({ subject_ref, sealed }) => `${subject_ref} ${sealed.toString('utf8')}`).join();
    expect(stored.length).toBeGreaterThan(200);
    for (const mark of [resident(1), 'token-1', '李·娜', 'L898902C3']) expect(stored).not.toContain(mark);
  });

  it('an entry that was moved to another reference opens for nobody', async () => {
    await world.pool.query('UPDATE roster SET sealed = $2 WHERE subject_ref <> $1', [
      refOf(identifier),
      (
        await world.pool.query<{ sealed: Buffer }>('SELECT sealed FROM roster WHERE subject_ref = $1', [
          refOf(identifier),
        ])
      ).rows[0]?.sealed,
    ]);
    const moved = refOf({ scheme: 'passport', value: 'UTOL898902C3' });
    await expect(rosterOf(world.bureau.db, world.bureau.subjectKeys)(moved)).rejects.toThrow('internal');
  });

  it('told again replaces what was told before', async () => {
    await put([{ scheme: 'gb11643', id: resident(1), handle: 'token-2' }], 'central');
    expect(await world.bureau.roster(refOf(identifier))).toEqual({ identifier, handle: 'token-2' });
    expect(await entries()).toBe(2);
  });

  it.each([
    ['token_missing', 401, [passport], undefined],
    ['role_not_permitted', 403, [passport], 'lotus'],
    ['bad_request', 400, [], 'central'],
    ['bad_request', 400, [{ ...passport, mobile: '1' }], 'central'],
    ['bad_request', 400, [{ scheme: 'gb11643', id: '110105194912310021' }], 'central'],
    ['bad_request', 400, [{ scheme: 'phone', id: '1' }], 'central'],
    ['bad_request', 400, Array.from({ length: 501 }, () => passport), 'central'],
  ])('%s (%i) leaves nothing', async (code, status, subjects, member) => {
    const before = await entries();
    expect(await put(subjects, member)).toEqual({ status, code });
    expect(await entries()).toBe(before);
  });
});
