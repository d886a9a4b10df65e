import { noFaults, systemRandom } from '@causeway/kernel';
import { createIntegrator } from '@causeway/member/ledger/integrator';
import { ledgerSigner } from '@causeway/member/ledger/ledger-name';
import { requireProven } from '@causeway/member/ledger/proven-ledger.fixture';
import { startSequencer } from '@causeway/member';
import { sign } from '@causeway/protocol';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { createMetrics, publicApp, type App } from '@causeway/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeRefusal } from '../refusals/service.ts';
import { sessionRoutes } from '../sessions/route.ts';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { accessRoutes } from './route.ts';

interface Line {
  readonly id: string;
  readonly leaf: string;
  readonly ledger: string;
  readonly proof: string | null;
  readonly proof_absent?: string;
  readonly proof_url?: string;
}

let database: TestDatabase;
let world: World;
let app: App;
const { lina, wang } = persons;
const keys = { ledger: { seed: new Uint8Array(32).fill(7) } } as Parameters<typeof ledgerSigner>[0]['keys'];
const signer = ledgerSigner({ fed: 'test', member: 'consumer', keys });
const sequencers: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  const { clock, log } = world.consumer;
  const metrics = createMetrics();
  app = await publicApp({ name: 'consumer', title: 'test', log, clock, random: systemRandom, metrics });
  sessionRoutes(app, world.consumer);
  accessRoutes(app, world.consumer);
});
afterAll(async () => {
  await Promise.all(sequencers.map((sequencer) => sequencer.stop()));
  await requireProven(world.consumer.pool, signer);
  await app.close();
  await world.close();
  await database.drop();
});

async function linesOf(identity: typeof lina | typeof wang): Promise<Line[]> {
  const nonce = `session:${String(sessions++).padStart(36, '0')}`;
  const id_token = await world.idToken({ identity, nonce });
  const opened = await app.inject({ method: 'POST', url: '/v1/sessions', payload: { id_token } });
  const headers = { authorization: `Bearer ${String(opened.json<Record<string, unknown>>()['session'])}` };
  return (await app.inject({ url: '/v1/accesses', headers })).json<{ items: Line[] }>().items;
}
let sessions = 1;

/** Places and integrates all that is staged. */
async function integrate(): Promise<void> {
  const { clock, log, pool } = world.consumer;
  const sequencer = startSequencer({ pool, clock, log, faults: noFaults });
  sequencers.push(sequencer);
  await sequencer.placeStaged();
  await createIntegrator({ pool, signer, clock, faults: noFaults, maySign: () => true }).integrate();
}

async function redeem(identity: typeof lina | typeof wang): Promise<void> {
  const { digest } = await world.consentOf(identity);
  const { jws } = world.inquiry({ subject_ref: await refOf(identity), consent: digest });
  await world.redemptions.redeem({ inquiry: jws }, 'broker');
}

test('a line is pending while no checkpoint covers its leaf, and has its proof then', async () => {
  await redeem(lina);
  await redeem(wang);
  const [young] = await linesOf(lina);
  expect(young).toMatchObject({ ledger: 'consumer', proof: null, proof_absent: 'pending' });
  await integrate();
  const [line] = await linesOf(lina);
  expect(line).not.toHaveProperty('proof_absent');
  const { rows } = await world.consumer.pool.query<{ idx: number }>(
    'SELECT idx FROM leaf WHERE digest = $1',
    [line?.leaf],
  );
  const head = `c2sp.org/tlog-proof@v1\nindex ${rows[0]?.idx}\n`;
  expect(line?.proof?.startsWith(head)).toBe(true);
  expect(line?.proof).toContain('\n\ncauseway/test/consumer\n');
});

test('S54 a person gets the proofs of their own lines, and no leaf or proof of another', async () => {
  const [hers, his] = [await linesOf(lina), await linesOf(wang)];
  expect([hers.length, his.length]).toEqual([1, 1]);
  expect(hers[0]?.proof).not.toBe(his[0]?.proof);
  expect(JSON.stringify(hers)).not.toContain(his[0]?.leaf ?? 'none');
  const foreign = `/v1/accesses?cursor=${his[0]?.id ?? ''}`;
  const nonce = `session:${'9'.repeat(36)}`;
  const id_token = await world.idToken({ identity: lina, nonce });
  const opened = await app.inject({ method: 'POST', url: '/v1/sessions', payload: { id_token } });
  const headers = { authorization: `Bearer ${String(opened.json<Record<string, unknown>>()['session'])}` };
  const answers = await Promise.all(
    [foreign, '/v1/accesses?cursor=0199aaaa-0000-7000-8000-000000000001'].map(
      async (url) => await app.inject({ url, headers }),
    ),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404]);
  expect(answers[0]?.json()).toMatchObject({ code: 'not_found' });
  for (const question of ['leaf', 'digest', 'proof']) {
    const url = `/v1/accesses?${question}=${encodeURIComponent(his[0]?.leaf ?? '')}`;
    const { body, statusCode } = await app.inject({ url, headers });
    expect(statusCode).toBe(400);
    expect(body).not.toContain('tlog-proof');
  }
});

test('what the broker refused by itself names the broker’s ledger, which is where its leaf is', async () => {
  const cited = `sha-256:${'A'.repeat(43)}` as const;
  const inquiry = world.inquiry({ subject_ref: await refOf(wang), basis: { code: 'POST_LOAN', cited } });
  const exp = Math.floor(world.clock.now() / 1000) + 600;
  const refusal = sign(
    'refusal',
    {
      ...{ aud: 'abc-bank', exp, inquiry: inquiry.digest },
      ...{ code: 'purpose_not_permitted', policy_version: 'v1', rules: [] },
    },
    world.by('broker'),
  );
  await takeRefusal(world.consumer, { refusal: refusal.jws, inquiry: inquiry.jws }, 'broker');
  await integrate();
  const [line] = await linesOf(wang);
  expect(line).toMatchObject({
    ...{ leaf: refusal.digest, ledger: 'broker', proof: null, proof_absent: 'other_ledger' },
  });
  // These members have no listener, so there is no address to give.
  expect(line).not.toHaveProperty('proof_url');
});
