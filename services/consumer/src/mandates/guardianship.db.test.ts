import { uuidv7 } from '@causeway/kernel';
import { generateKey, readUnverified, sha256Digest, type Consent, type PrivateJwk } from '@causeway/protocol';
import { gb11643CheckDigit } from '@causeway/records/identifiers';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { added } from '../test-rows.ts';
import { officers, signedBy } from '../test-warrants.ts';
import { createWorld, refOf, type World } from '../test-world.ts';
import { actingApp } from './test-acting.ts';

let database: TestDatabase;
let world: World;
let kit: Awaited<ReturnType<typeof actingApp>>;
let guardian: ReturnType<(typeof kit)['person']>;
let ward: { scheme: 'gb11643'; value: string };
let wards = 0;
const daySeconds = 86_400;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  kit = await actingApp(world);
});
beforeEach(() => {
  world.nodes.reset();
  guardian = kit.person();
  ward = bornOn('20150601');
});
afterAll(async () => {
  await kit.app.close();
  await world.close();
  await database.drop();
});

function bornOn(day: string): typeof ward {
  const first = `990000${day}${String((wards += 1)).padStart(3, '0')}`;
  return { scheme: 'gb11643', value: `${first}${gb11643CheckDigit(first)}` };
}

const now = (): number => Math.floor(world.clock.now() / 1000);
const common = () => ({ fed: 'test', iat: now(), jti: uuidv7(world.clock, world.consumer.random) });
const actOf = (change: object = {}) => ({
  ...{
    ...common(),
    act: 'guardianship',
    ward,
    guardian,
    ground: 'minor',
    powers: ['read', 'consent', 'freeze'],
  },
  ...{ names: { ward: 'Son', guardian: 'Father' }, valid_until: now() + 3 * 366 * daySeconds },
  ...{ paper: sha256Digest('birth certificate'), ...change },
});
const send = async (act: object, by?: readonly PrivateJwk[]) =>
  await kit.call('POST', '/v1/guardianships', {}, { act: signedBy(act, by) });
const actsUnder = async (mandate: string) => {
  const headers = { ...(await kit.session(guardian)), 'causeway-acting-for': mandate };
  return (await kit.call('GET', '/v1/accesses', headers)).status;
};

describe('a guardian', () => {
  test('is recorded by two officers, once, and acts', async () => {
    const act = actOf();
    const rows = await added(world, async () => expect((await send(act)).status).toBe(201));
    expect(rows).toEqual({ mandate: 1, guardianship_act: 1, leaf_staging: 1 });
    const again = await send(act);
    const mandate = String(again.body['mandate']);
    expect(await actsUnder(mandate)).toBe(200);
    const approved = await kit.approveFor(guardian, ward, mandate);
    expect(approved.status).toBe(201);
    const { grantor, subject_ref } = readUnverified(String(approved.body['consent'])).claims as Consent;
    expect([grantor.role, subject_ref]).toEqual(['guardian', await refOf(ward)]);
    // The ward, who signs in one day, sees it.
    const mine = await kit.session(ward);
    expect((await kit.call('GET', '/v1/receipts', mine)).body).toMatchObject({
      items: [{ change: 'given', by: { role: 'guardian', mandate, name: 'Father' } }],
    });
  });

  test('of a minor is none any more on the day on which the ward comes of age', async () => {
    // Of age on 1 December 2026, as it begins in China.
    ward = bornOn('20081201');
    const { body } = await send(actOf());
    const mandate = String(body['mandate']);
    const grownMs = Date.UTC(2026, 10, 30, 16);
    world.clock.advance(grownMs - world.clock.now() - 1000);
    expect(await actsUnder(mandate)).toBe(200);
    world.clock.advance(1000);
    expect(await actsUnder(mandate)).toBe(404);
    expect((await kit.approveFor(guardian, ward, mandate)).status).toBe(404);
    const incapable = await send(actOf({ ground: 'incapacity' }));
    expect(await actsUnder(String(incapable.body['mandate']))).toBe(200);
  });

  test('is ended by two officers, and by the ward', async () => {
    const one = String((await send(actOf())).body['mandate']);
    const ending = { ...common(), act: 'end_guardianship', mandate: one };
    expect(await added(world, async () => await send(ending))).toEqual({
      guardianship_act: 1,
      leaf_staging: 1,
    });
    expect(await actsUnder(one)).toBe(404);
    const two = String((await send(actOf())).body['mandate']);
    expect((await kit.call('POST', `/v1/mandates/${two}/end`, await kit.session(ward))).status).toBe(204);
    expect(await actsUnder(two)).toBe(404);
  });
});

describe('S33 refused, and nothing is written', () => {
  test.each<[string, () => object, number, string]>([
    ['of another federation', () => ({ fed: 'other' }), 401, 'federation_mismatch'],
    ['that is too old', () => ({ iat: now() - 3700 }), 401, 'time_window'],
    ['that is over', () => ({ valid_until: now() }), 400, 'bad_request'],
    [
      'for longer than any paper lasts',
      () => ({ valid_until: now() + 8000 * daySeconds, ground: 'incapacity' }),
      400,
      'bad_request',
    ],
    ['of somebody of age, as a minor', () => ({ ward: bornOn('19800101') }), 400, 'bad_request'],
    ['of oneself', () => ({ guardian: ward }), 400, 'bad_request'],
    [
      'of an enterprise',
      () => ({ ward: { scheme: 'gb32100', value: '91350100M000100Y43' } }),
      400,
      'bad_request',
    ],
    ['of a number that is none', () => ({ ward: { scheme: 'gb11643', value: '1' } }), 400, 'bad_request'],
    ['with a name of two lines', () => ({ names: { ward: 'a\nb', guardian: 'c' } }), 400, 'bad_request'],
    ['with a power that there is not', () => ({ powers: ['passkeys'] }), 400, 'statement_malformed'],
    ['without the paper', () => ({ paper: undefined }), 400, 'statement_malformed'],
    ['with a member more', () => ({ also: 1 }), 400, 'statement_malformed'],
  ])('a guardianship %s', async (_what, change, status, code) => {
    let answer: Awaited<ReturnType<typeof send>> | undefined;
    expect(await added(world, async () => (answer = await send(actOf(change()))))).toEqual({});
    expect([answer?.status, answer?.body['code']]).toEqual([status, code]);
    expect(JSON.stringify(answer?.body)).not.toContain(ward.value);
  });

  test('one officer alone, or twice, and a stranger beside one', async () => {
    const [one] = officers;
    const rows = await added(world, async () => {
      for (const keys of [[one], [one, one]])
        expect((await send(actOf(), keys)).body['code']).toBe('approval_insufficient');
      expect((await send(actOf(), [one, generateKey()])).body['code']).toBe('key_unknown');
      expect((await kit.call('POST', '/v1/guardianships', {}, {})).body['code']).toBe('statement_missing');
    });
    expect(rows).toEqual({});
  });

  test('another act under the id of one, and the end of what is no guardianship', async () => {
    const act = actOf();
    await send(act);
    const attorney = await kit.entrusted(ward, guardian);
    const rows = await added(world, async () => {
      expect((await send({ ...act, powers: ['read'] })).body['code']).toBe('once_conflict');
      for (const mandate of [attorney.id, common().jti]) {
        const ending = { ...common(), act: 'end_guardianship', mandate };
        expect((await send(ending)).body['code']).toBe('not_found');
      }
    });
    expect(rows).toEqual({});
  });
});
