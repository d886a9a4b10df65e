import { verify } from '@causeway/protocol';
import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actOnConsent } from '../consents/stop-consent.ts';
import { freeze, thaw } from '../freezes/service.ts';
import { closeWindow, openingNonce, openWindow } from '../freezes/windows.ts';
import { actorByToken } from '../subjects/actor.ts';
import { createWorld, refOf, type World } from '../test-world.ts';
import { listReceipts, readReceipt } from './service.ts';
import { remindersStopped, stopReminders } from '../reminders/repository.ts';
import { sweepConsents } from './sweep.ts';

const dayMs = 86_400_000;
const standing = { fetch: 'periodic', max_uses: 2, valid_days: 365 } as const;
let database: TestDatabase;
let world: World;
let person: { scheme: string; value: string };
let ref: string;
let persons = 0;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  world.nodes.reset();
  person = sandboxIdentifier(String((persons += 1)));
  ref = await refOf(person);
  await sweepConsents(world.consumer, world.clock.now());
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const changes = async (of = ref) =>
  (await listReceipts(world.consumer, [of], undefined)).items.map(({ change }) => change);
const redeem = async (consent: string) => {
  const { jws } = world.inquiry({ subject_ref: ref, consent: consent as never });
  return await world.redemptions.redeem({ inquiry: jws }, 'broker');
};
/** The notices in the database, for the whole of it. */
const notices = async (): Promise<number> =>
  (await world.consumer.pool.query('SELECT FROM consent_notice')).rowCount ?? 0;
const archived = () => ({
  ...{ keys: world.directory.view.keys, fed: 'test', nowMs: world.clock.now() },
  ...{ received: 'archived' as const },
});

test('every change leaves a receipt, signed, with its leaf', async () => {
  const { digest, id } = await world.consentOf(person, standing);
  for (const action of ['pause', 'resume'] as const) {
    world.clock.advance(1000);
    await actOnConsent(world.consumer, { action, id }, { subjectRef: ref });
  }
  world.clock.advance(1000);
  await redeem(digest);
  await redeem(digest);
  world.clock.advance(1000);
  const frozen = await freeze(world.consumer, { subjectRef: ref });
  world.clock.advance(1000);
  const token = await world.idToken({ identity: person, nonce: `thaw:${frozen.id}` });
  await thaw(world.consumer, frozen.id, await actorByToken(world.consumer, token, `thaw:${frozen.id}`));
  world.clock.advance(1000);
  await actOnConsent(world.consumer, { action: 'revoke', id }, { subjectRef: ref });
  const { items } = await listReceipts(world.consumer, [ref], undefined);
  expect(items.map(({ change }) => change)).toEqual([
    ...['withdrawn', 'thawed', 'frozen', 'used_up', 'resumed', 'paused', 'given'],
  ]);
  for (const item of items) {
    const receipt = await readReceipt(world.consumer, [ref], item.id);
    expect(receipt).toMatchObject({ ...item, proof: null });
    const stop = ['withdrawn', 'thawed', 'frozen', 'resumed', 'paused'].includes(item.change);
    const audience = stop ? 'broker' : 'abc-bank';
    const type = stop ? 'status' : 'consent';
    const { digest: signed } = verify(type, receipt.receipt, { ...archived(), audience });
    expect(receipt.leaf).toBe(signed);
    const { rowCount } = await world.consumer.pool.query('SELECT FROM leaf_staging WHERE digest = $1', [
      signed,
    ]);
    expect(rowCount).toBe(1);
  }
  expect(items[0]).toMatchObject({ consent: id, lender: 'abc-bank', purposes: ['LOAN_APPROVAL'] });
  expect(items[1]).toMatchObject({ freeze: frozen.id });
});

test('a freeze opened for a lender has a receipt of it, and of each end that is brought about', async () => {
  const frozen = await freeze(world.consumer, { subjectRef: ref });
  const open = async () => {
    const opening = { lender: 'abc-bank', minutes: 60 };
    const nonce = openingNonce(frozen.id, opening);
    const token = await world.idToken({ identity: person, nonce, jti: world.clock.now() });
    const actor = await actorByToken(world.consumer, token, nonce);
    world.clock.advance(1000);
    return await openWindow(world.consumer, frozen.id, opening, actor);
  };
  await open();
  const second = await open();
  world.clock.advance(1000);
  await closeWindow(world.consumer, [ref], second.id);
  await closeWindow(world.consumer, [ref], second.id);
  const { items } = await listReceipts(world.consumer, [ref], undefined);
  expect(items.map(({ change }) => change).toSorted()).toEqual([
    ...['closed', 'closed', 'frozen', 'opened', 'opened'],
  ]);
  const untils: number[] = [];
  for (const item of items.filter(({ change }) => change !== 'frozen')) {
    expect(item).toMatchObject({ freeze: frozen.id, lender: 'abc-bank' });
    const kept = await readReceipt(world.consumer, [ref], item.id);
    const { leaf, receipt } = kept;
    const signed = verify('status', receipt, { ...archived(), audience: 'consumer' });
    expect(leaf).toBe(signed.digest);
    expect(signed.claims).toMatchObject({
      ...{ aud: ['consumer'], action: item.change === 'opened' ? 'open' : 'close' },
      opening: { lender: 'abc-bank', despite_freeze: 1 },
    });
    untils.push(signed.claims.opening?.until ?? 0);
    expect(kept).toMatchObject({ acknowledgements: [], waiting: [] });
    const { rowCount } = await world.consumer.pool.query('SELECT FROM leaf_staging WHERE digest = $1', [
      leaf,
    ]);
    expect(rowCount).toBe(1);
  }
  expect(Math.max(...untils)).toBe(Math.floor(Date.parse(second.from) / 1000) + 3600);
  // No node is told: for them the freeze stands, and grants say what they are given despite.
  expect(world.nodes.taken('broker').map(({ action }) => action)).toEqual(['freeze']);
  const token = await world.idToken({ identity: person, nonce: `thaw:${frozen.id}` });
  await thaw(world.consumer, frozen.id, await actorByToken(world.consumer, token, `thaw:${frozen.id}`));
  expect(world.nodes.taken('broker').map(({ action }) => action)).toEqual(['freeze', 'thaw']);
  expect(await changes()).toHaveLength(6);
});

test('a long history comes in pages, each receipt once', async () => {
  const { id } = await world.consentOf(person, standing);
  for (let n = 0; n < 27; n += 1) {
    await actOnConsent(world.consumer, { action: 'pause', id }, { subjectRef: ref });
    await actOnConsent(world.consumer, { action: 'resume', id }, { subjectRef: ref });
  }
  const first = await listReceipts(world.consumer, [ref], undefined);
  const rest = await listReceipts(world.consumer, [ref], first.next);
  expect([first.items.length, rest.items.length, rest.next]).toEqual([50, 5, undefined]);
  expect(new Set([...first.items, ...rest.items].map((one) => one.id)).size).toBe(55);
});

describe('what the time alone brings', () => {
  test('a consent that has ended by its time, once; one that was withdrawn has no second end', async () => {
    const { id } = await world.consentOf(person, { ...standing, valid_days: 3 });
    const gone = await world.consentOf(person, { ...standing, valid_days: 3 });
    await actOnConsent(world.consumer, { action: 'revoke', id: gone.id }, { subjectRef: ref });
    await sweepConsents(world.consumer, world.clock.now() + 3 * dayMs - 1000);
    expect(await changes()).not.toContain('expired');
    const before = await notices();
    world.clock.advance(3 * dayMs);
    const other = world.replica();
    const sweeps = [world.consumer, other.consumer, world.consumer].map(async (at) => {
      await sweepConsents(at, world.clock.now());
    });
    await Promise.all(sweeps);
    await sweepConsents(world.consumer, world.clock.now());
    await other.close();
    expect((await notices()) - before).toBe(1);
    const [newest] = (await listReceipts(world.consumer, [ref], undefined)).items;
    expect(newest).toMatchObject({ change: 'expired', consent: id, id: `expired-1.${id}` });
    expect(await readReceipt(world.consumer, [ref], newest?.id ?? '')).toMatchObject({ change: 'expired' });
  });

  test('a standing consent is recalled every 90 days, also after a long silence', async () => {
    const { id } = await world.consentOf(person, standing);
    await sweepConsents(world.consumer, world.clock.now() + 90 * dayMs - 1000);
    expect(await changes()).toEqual(['given']);
    await sweepConsents(world.consumer, world.clock.now() + 90 * dayMs);
    expect(await changes()).toEqual(['reminder', 'given']);
    await sweepConsents(world.consumer, world.clock.now() + 271 * dayMs);
    await sweepConsents(world.consumer, world.clock.now() + 271 * dayMs);
    const { items } = await listReceipts(world.consumer, [ref], undefined);
    expect(items.map((one) => one.id.split('.')[0])).toEqual([
      'reminder-3',
      'reminder-2',
      'reminder-1',
      'given',
    ]);
    expect(items[0]).toMatchObject({ consent: id, lender: 'abc-bank' });
    world.clock.advance(271 * dayMs);
  });

  test('whoever switches reminders off has none until they want them again; the consent stands', async () => {
    const { digest, id } = await world.consentOf(person, { ...standing, max_uses: 9 });
    const stranger = sandboxIdentifier(String(9000 + persons));
    await world.consentOf(stranger, standing);
    const other = await refOf(stranger);
    // Under whichever reference of theirs it is switched off.
    const passport = `s1.1.passport-${persons}`;
    await world.consumer.pool.query(
      `INSERT INTO subject_link (subject_ref, first_ref, scheme, linked_ms)
        VALUES ($1, $1, 'gb11643', 1), ($2, $1, 'passport', 2)`,
      [ref, passport],
    );
    await stopReminders(world.consumer.db, [passport], world.clock.now());
    expect(await remindersStopped(world.consumer.db, [ref, passport])).toBe(world.clock.now());
    await sweepConsents(world.consumer, world.clock.now() + 91 * dayMs);
    expect(await changes()).toEqual(['given']);
    expect(await changes(other)).toEqual(['reminder', 'given']);
    expect(await redeem(digest)).toMatchObject({ use: 1 });
    await stopReminders(world.consumer.db, [passport, ref], null);
    expect(await remindersStopped(world.consumer.db, [ref, passport])).toBeNull();
    // What was not told stays so; the next one comes.
    await sweepConsents(world.consumer, world.clock.now() + 179 * dayMs);
    expect(await changes()).toEqual(['given']);
    await sweepConsents(world.consumer, world.clock.now() + 181 * dayMs);
    expect((await listReceipts(world.consumer, [ref], undefined)).items).toMatchObject([
      { change: 'reminder', id: `reminder-2.${id}` },
      { change: 'given' },
    ]);
    world.clock.advance(181 * dayMs);
  });

  test('nobody is reminded of what is withdrawn, used up, over or for one time only', async () => {
    const withdrawn = await world.consentOf(person, standing);
    await actOnConsent(world.consumer, { action: 'revoke', id: withdrawn.id }, { subjectRef: ref });
    const used = await world.consentOf(person, standing);
    await redeem(used.digest);
    await redeem(used.digest);
    await world.consentOf(person, { ...standing, valid_days: 90 });
    await world.consentOf(person, { valid_days: 365 });
    world.clock.advance(100 * dayMs);
    await sweepConsents(world.consumer, world.clock.now());
    expect(await changes()).not.toContain('reminder');
  });
});

describe('S54 refused as absent', () => {
  test('another person’s receipt, as an item and as a cursor', async () => {
    const { digest, id } = await world.consentOf(person, standing);
    await freeze(world.consumer, { subjectRef: ref });
    const mine = (await listReceipts(world.consumer, [ref], undefined)).items.map((one) => one.id);
    expect(mine).toHaveLength(2);
    const stranger = 's1.1.somebody-else';
    expect(await changes(stranger)).toEqual([]);
    for (const one of [...mine, `expired-1.${id}`, `given.${digest.slice(8)}`, 'given.nothing']) {
      const refused = { code: 'not_found' };
      await expect(readReceipt(world.consumer, [stranger], one)).rejects.toMatchObject(refused);
      await expect(listReceipts(world.consumer, [stranger], one)).rejects.toMatchObject(refused);
    }
  });
});
