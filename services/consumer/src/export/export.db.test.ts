import { systemRandom } from '@causeway/kernel';
import { softPasskey } from '@causeway/protocol/passkey.fixture';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { createMetrics, publicApp, type App } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enrolled } from '../passkeys/test-browser.ts';
import { perform } from '../sign-in/act.ts';
import { openSession } from '../sessions/service.ts';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { exportRoute } from './route.ts';

let database: TestDatabase;
let world: World;
let app: App;
let acts = 0;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  const { clock, log } = world.consumer;
  const metrics = createMetrics();
  app = await publicApp({ name: 'consumer', title: 'test', log, clock, random: systemRandom, metrics });
  app.decorateRequest('subjectRefs');
  exportRoute(app, world.consumer);
});
afterAll(async () => {
  await app.close();
  await world.close();
  await database.drop();
});

type Person = keyof typeof persons;
const uuid = (): string => `00000000-0000-4000-8000-${String((acts += 1)).padStart(12, '0')}`;

async function sessionOf(person: Person): Promise<string> {
  const idToken = await world.idToken({ identity: persons[person], nonce: `session:${uuid()}` });
  return (await openSession(world.consumer, idToken)).session;
}

/** Signs in once more, for an export. */
async function stepUp(person: Person): Promise<void> {
  const idToken = await world.idToken({ identity: persons[person], nonce: 'export:all', jti: uuid() });
  await perform(world.consumer, { act: 'export' }, idToken);
}

const take = async (session: string) =>
  await app.inject({ url: '/v1/export', headers: { authorization: `Bearer ${session}` } });

test('S54 is all that is here about one person, signed too, and nothing of anybody else', async () => {
  const mine = await world.consentOf(persons.lina);
  const theirs = await world.consentOf(persons.wang);
  const ref = await refOf(persons.lina);
  await world.redemptions.redeem(
    { inquiry: world.inquiry({ subject_ref: ref, consent: mine.digest }).jws },
    'broker',
  );
  const refused = world.inquiry({ subject_ref: ref, consent: theirs.digest });
  await world.redemptions.redeem({ inquiry: refused.jws }, 'broker');
  const identity = persons.lina;
  const { enrolment } = await enrolled(world, { identity, ref }, softPasskey('lina'));
  await stepUp('lina');
  const answer = await take(await sessionOf('lina'));
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-disposition']).toBe('attachment; filename="causeway-2026-11-22.json"');
  expect(answer.headers['cache-control']).toBe('no-store');
  const all = answer.json<Record<string, Record<string, unknown>[]>>();
  expect(Object.keys(all)).toEqual([
    ...['v', 'made_at', 'identities', 'passkeys', 'accesses', 'refusals', 'requests', 'consents'],
    ...['freezes', 'stops', 'disputes', 'adverse_actions', 'mandates', 'reports'],
  ]);
  expect(all['identities']).toMatchObject([{ reference: ref }]);
  expect(all['passkeys']).toMatchObject([{ enrolment, statement: expect.stringMatching(/^ey/u) as string }]);
  expect(all['accesses']).toMatchObject([{ outcome: 'refused' }, { outcome: 'granted' }]);
  expect(all['refusals']).toMatchObject([{ code: 'not_authorised', inquiry: refused.digest }]);
  expect(all['requests']).toMatchObject([{ status: 'approved', consent: mine.digest }]);
  expect(all['consents']).toMatchObject([{ digest: mine.digest, statement: mine.consent }]);
  expect(answer.body).not.toContain(await refOf(persons.wang));
  expect(answer.body).not.toContain(theirs.consent);
  expect(answer.body).not.toContain('evidence"');
});

test('S42 needs a sign-in for it, which serves once, for that person, and for five minutes', async () => {
  const [lina, wang] = [await sessionOf('lina'), await sessionOf('wang')];
  expect((await app.inject({ url: '/v1/export' })).statusCode).toBe(401);
  const refused = async (session: string): Promise<void> => {
    const answer = await take(session);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([401, 'token_missing']);
  };
  await refused(lina);
  await stepUp('lina');
  await refused(wang);
  expect((await take(lina)).statusCode).toBe(200);
  await refused(lina);
  await stepUp('lina');
  world.clock.advance(5 * 60_000);
  await refused(await sessionOf('lina'));
});

test('a token for another act permits nothing, and none serves twice', async () => {
  const wrong = await world.idToken({ identity: persons.lina, nonce: `session:${uuid()}` });
  const act = { act: 'export' } as const;
  await expect(perform(world.consumer, act, wrong)).rejects.toMatchObject({ code: 'token_invalid' });
  const right = await world.idToken({ identity: persons.lina, nonce: 'export:all', jti: uuid() });
  await perform(world.consumer, act, right);
  await expect(perform(world.consumer, act, right)).rejects.toMatchObject({ code: 'token_invalid' });
});
