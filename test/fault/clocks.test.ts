import { seconds, systemClock } from '@causeway/kernel';
import { sha256Digest } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubjects } from '@causeway/sandbox/people/persons';
import { type Agreed, agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { request } from '../e2e/answers.ts';
import { callFederation, onlyResult, present, redeemAsBroker } from '../e2e/federation-call.ts';
import { InquiryDoor } from '../e2e/inquiry-door.ts';
import { ageKeys } from '../e2e/older-keys.ts';
import { queryDatabase } from '../e2e/rows.ts';
import { NOBODY, refusedWriting } from '../e2e/untouched.ts';
import { violationsAtRest } from './at-rest.ts';
import { Load } from './load.ts';
import { StubbornLender } from './stubborn-lender.ts';

const LENDER = 'abc-bank';
const NODES = ['broker', 'consumer', 'central', 'lotus', 'harbour'];
const HOUR_MS = 3_600_000;
/** A directory lives ten minutes. */
const BEYOND_EXPIRY_MS = 11 * 60_000;
/** Nodes compare their clocks with the authority's every 5 s. */
const POLL_MS = 6000;
const patient = { timeout: 30_000, interval: 100 };

let federation: Federation;
let door: InquiryDoor;
let agreed: Agreed[];
const terms = usualTerms(['central', 'lotus', 'harbour'], 500);

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  door = await InquiryDoor.open(federation);
  const people = sandboxSubjects(8, 0).filter(({ kind }) => kind === 'person');
  const lender = federation.lender(LENDER);
  agreed = await Promise.all(people.map((person) => agree(federation, lender, person, terms)));
  // A key is younger than a statement of an hour ago, and would be refused for that.
  for (const member of [LENDER, ...NODES]) await ageKeys(federation, member);
});
afterAll(() => stopTestFederation(federation));

async function expectReady(member: string, status: 200 | 503): Promise<void> {
  const ready = async () => (await request(`${federation.url(member)}/readyz`)).status;
  await vi.waitUntil(async () => (await ready().catch(() => 0)) === status, patient);
}

const shift = (member: string, ms: number): Promise<void> => federation.process(member).faults.shiftClock(ms);

const newLoad = (perSecond: number): Load => {
  const lender = new StubbornLender(federation, LENDER);
  return new Load({ lender, agreed, terms, perSecond, atOnceMax: 20 });
};

/** What each node says to the calls that would make it release something. */
async function answersOf(
  inquiry: string,
  grants: (node: string) => string,
): Promise<Record<string, unknown>> {
  const told: Record<string, unknown> = { broker: (await door.send(inquiry)).code };
  const redeemed = { by: 'broker', to: 'consumer', path: '/v1/grants', body: { items: [{ inquiry }] } };
  told['consumer'] = (await callFederation(federation, redeemed)).body['code'];
  for (const bureau of federation.card.bureaus) {
    const item = { by: 'broker', to: bureau, inquiry, grant: grants(bureau) };
    const { body } = await present(federation, item);
    told[bureau] = body['code'];
  }
  return told;
}

describe.each([
  { offMs: 30_000, where: 'ahead' },
  { offMs: -30_000, where: 'behind' },
])('a clock 30 s $where', ({ offMs }) => {
  test('S6 S91 of a bureau: it is not ready and releases nothing; then it is again', async () => {
    await shift('lotus', offMs);
    await expectReady('lotus', 503);
    const inquiry = door.sign(door.inquiry());
    const { grant } = await redeemAsBroker(federation, inquiry);
    await refusedWriting(federation, { lotus: {} }, async () => {
      const answer = await present(federation, { by: 'broker', to: 'lotus', inquiry, grant: grant('lotus') });
      expect(answer.body['code']).toBe('not_ready');
    });
    const { id, jws } = await sent();
    await shift('lotus', 0);
    await expectReady('lotus', 200);
    expect((await door.finished(id)).state).toBe('complete');
    const again = await redeemAsBroker(federation, jws, ['lotus']);
    const item = { by: 'broker', to: 'lotus', inquiry: jws, grant: again.grant('lotus') };
    expect(onlyResult(await present(federation, item)).disclosure).toMatch(/^ey/);
  });

  test('S6 a bureau that starts with it is not ready before it is corrected', async () => {
    await federation.process('harbour').kill();
    await shift('harbour', offMs);
    await federation.process('harbour').start();
    await expectReady('harbour', 503);
    const inquiry = door.sign(door.inquiry());
    const { grant } = await redeemAsBroker(federation, inquiry);
    await refusedWriting(federation, { harbour: {} }, async () => {
      const item = { by: 'broker', to: 'harbour', inquiry, grant: grant('harbour') };
      expect((await present(federation, item)).body['code']).toBe('not_ready');
    });
    await shift('harbour', 0);
    await expectReady('harbour', 200);
  });

  test('S6 S91 of the broker: it takes nothing and releases nothing; then it does again', async () => {
    const { id } = await door.accepted(door.sign(door.inquiry()));
    await shift('broker', offMs);
    await expectReady('broker', 503);
    const jws = door.sign(door.inquiry());
    await refusedWriting(federation, NOBODY, async () => {
      expect((await door.send(jws)).code).toBe('not_ready');
      await expect(federation.lender(LENDER).evidence(id)).rejects.toMatchObject({
        code: 'not_ready',
      });
    });
    await shift('broker', 0);
    await expectReady('broker', 200);
    expect((await door.accepted(jws)).state).toBe('complete');
  });

  test('S6 S91 of the consumer service: it grants nothing; what waited completes', async () => {
    await shift('consumer', offMs);
    await expectReady('consumer', 503);
    const inquiry = door.sign(door.inquiry());
    const bureaus = Object.fromEntries(['consumer', ...federation.card.bureaus].map((node) => [node, {}]));
    const id = await refusedWriting(federation, bureaus, async () => {
      const call = { by: 'broker', to: 'consumer', path: '/v1/grants', body: { items: [{ inquiry }] } };
      expect((await callFederation(federation, call)).body['code']).toBe('not_ready');
      return (await sent()).id;
    });
    await shift('consumer', 0);
    expect((await door.finished(id)).state).toBe('complete');
  });

  test('S6 S91 of the authority: no node is ready; then all are again', async () => {
    await shift('authority', offMs);
    for (const name of NODES) await expectReady(name, 503);
    const inquiry = door.sign(door.inquiry());
    const told = await refusedWriting(federation, NOBODY, () => answersOf(inquiry, () => inquiry));
    expect(Object.values(told)).toEqual(NODES.map(() => 'not_ready'));
    await shift('authority', 0);
    for (const name of NODES) await expectReady(name, 200);
    expect((await door.accepted(inquiry)).state).toBe('complete');
  });

  /** An inquiry that the broker accepts and has time to answer. */
  async function sent(): Promise<{ id: string; jws: string }> {
    const now = seconds(systemClock);
    const jws = door.sign(door.inquiry({ deadline: now + 120, exp: now + 180 }));
    const { body, status } = await door.send(jws);
    expect(status).toBe(202);
    return { id: String(body['id']), jws };
  }
});

test.each([
  { stepMs: HOUR_MS, where: 'ahead' },
  { stepMs: -HOUR_MS, where: 'back' },
])(
  'S61 S91 a step of an hour $where at each node, under load: no ledger stops or reorders, nothing is lost',
  async ({ stepMs }) => {
    const before = await ledgersOf();
    const load = newLoad(5);
    load.start();
    for (const name of ['broker', 'consumer', 'lotus']) {
      await vi.waitUntil(() => load.told.reports.length > 0, patient);
      await shift(name, stepMs);
      await expectReady(name, 503);
      const since = performance.now();
      await expectPlaces(name);
      await vi.waitUntil(() => performance.now() - since > POLL_MS, patient);
      await shift(name, 0);
      await expectReady(name, 200);
    }
    await load.stop();
    expect(await violationsAtRest(federation, load.told)).toEqual([]);
    const after = await ledgersOf();
    for (const name of NODES) {
      expect(after[name]?.slice(0, before[name]?.length)).toEqual(before[name]);
    }
    expect(new Set(load.accepted.map(({ inquiry }) => inquiry.id)).size).toBe(load.accepted.length);
    expect(await doubledIds()).toEqual([]);
  },
  180_000,
);

test('S30 past the expiry of the directory nothing is released; it all resumes by itself', async () => {
  const now = seconds(systemClock);
  const { grant } = await redeemAsBroker(federation, door.sign(door.inquiry()));
  const consumer = federation.process('consumer');
  await consumer.kill();
  const { body } = await door.send(door.sign(door.inquiry({ deadline: now + 900, exp: now + 1000 })));
  await federation.process('authority').kill();
  const pass = (name: string) => federation.process(name).faults.passTime(BEYOND_EXPIRY_MS);
  await Promise.all(NODES.filter((name) => name !== 'consumer').map(pass));
  await consumer.start();
  await pass('consumer');
  for (const name of NODES) await expectReady(name, 503);
  const later = { iat: now + 660, deadline: now + 900, exp: now + 1000 };
  const told = await refusedWriting(federation, NOBODY, () =>
    answersOf(door.sign(door.inquiry(later)), grant),
  );
  expect(Object.values(told)).toEqual(NODES.map(() => 'not_ready'));
  await Promise.all(NODES.map((name) => shift(name, -BEYOND_EXPIRY_MS)));
  // No real clock takes minutes back that have passed: what was put off into them is moved with them.
  const due = `UPDATE inquiry_outbox SET next_at_ms = least(next_at_ms, ${Date.now()})`;
  await queryDatabase(federation, 'broker', due);
  await federation.process('authority').start();
  for (const name of NODES) await expectReady(name, 200);
  expect((await door.finished(String(body['id']))).state).toBe('complete');
});

type Places = { idx: string; digest: string }[];

async function ledgersOf(): Promise<Record<string, Places>> {
  const read = NODES.map(async (name) => {
    const text = 'SELECT idx, digest FROM leaf ORDER BY idx';
    return [name, await queryDatabase<Places[number]>(federation, name, text)] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** A leaf that is staged now gets the next place, whatever the clock says. */
async function expectPlaces(name: string): Promise<void> {
  const digest = sha256Digest(`clock ${performance.now()}`);
  const staged = `INSERT INTO leaf_staging (partition_key, digest, typ, iss, aud, at_ms)
                  SELECT 'clock', '${digest}', 'refusal', 'test', 'test', 0`;
  await queryDatabase(federation, name, staged);
  const placed = `SELECT idx FROM leaf WHERE digest = '${digest}'`;
  await expect.poll(async () => (await queryDatabase(federation, name, placed)).length, patient).toBe(1);
}

/** Ids that two lines of the history share, of whichever subjects. */
const doubledIds = () =>
  queryDatabase(federation, 'consumer', 'SELECT id FROM access GROUP BY id HAVING count(*) > 1');
