import { readUnverified, type Grant } from '@causeway/protocol';
import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readRequest } from '../consent-requests/service.ts';
import { actorByToken } from '../subjects/actor.ts';
import { ask, createWorld, refOf, type World } from '../test-world.ts';
import { endAlert, listAlerts, placeAlert } from './service.ts';

let database: TestDatabase;
let world: World;
let person: { scheme: string; value: string };
let ref: string;
let persons = 0;
const words = { text: '有人冒用本人身份，请先致电核实。', days: 30 };

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  person = sandboxIdentifier(String((persons += 1)));
  ref = await refOf(person);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

async function obligations(): Promise<readonly string[]> {
  const { digest } = await world.consentOf(person);
  const { jws } = world.inquiry({ subject_ref: ref, consent: digest });
  const { grants } = (await world.redemptions.redeem({ inquiry: jws }, 'broker')) as { grants: string[] };
  return grants.flatMap((grant) => (readUnverified(grant).claims as Grant).obligations);
}
const end = async (id: string, identity = person) => {
  const nonce = `end-alert:${id}`;
  const token = await world.idToken({ identity, nonce, jti: Math.random() });
  return await endAlert(world.consumer, id, await actorByToken(world.consumer, token, nonce));
};
const standing = async () =>
  (await listAlerts(world.consumer, [ref])).items.filter(({ status }) => status === 'standing');

describe('an alert', () => {
  test('binds every grant while it stands, and no longer than it says', async () => {
    expect(await obligations()).not.toContain('fraud_alert');
    await placeAlert(world.consumer, ref, words);
    expect((await obligations()).filter((one) => one === 'fraud_alert')).toHaveLength(3);
    world.clock.advance(30 * 86_400_000 - 1);
    expect(await obligations()).toContain('fraud_alert');
    world.clock.advance(1);
    expect(await obligations()).not.toContain('fraud_alert');
  });

  test('is read, word for word, by a lender that holds a consent, and by no other', async () => {
    await placeAlert(world.consumer, ref, words);
    const waiting = await ask(world.consumer, ref);
    expect(await readRequest(world.consumer, 'abc-bank', waiting.id)).not.toHaveProperty('alerts');
    await world.consentOf(person);
    const { rows } = await world.consumer.pool.query<{ id: string }>(
      `SELECT id FROM consent_request WHERE subject_ref = $1 AND status = 'approved'`,
      [ref],
    );
    const id = rows[0]?.id ?? '';
    expect(await readRequest(world.consumer, 'abc-bank', id)).toMatchObject({
      alerts: [{ kind: 'fraud_alert', text: words.text }],
    });
    await expect(readRequest(world.consumer, 'evergreen', id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('ends with a sign-in for it', async () => {
    const { id } = await placeAlert(world.consumer, ref, words);
    expect(await end(id)).toMatchObject({ id, status: 'over' });
    expect(await obligations()).not.toContain('fraud_alert');
  });
});

describe('refused, and what stands stays', () => {
  test.each(['two\nlines', 'a\u202eb', ' x', '\u0000', 'x\u2028y'])('S74 the text %j', async (text) => {
    await expect(placeAlert(world.consumer, ref, { text, days: 1 })).rejects.toMatchObject({
      code: 'bad_request',
    });
    expect(await standing()).toEqual([]);
  });

  test('a third one', async () => {
    await placeAlert(world.consumer, ref, words);
    await placeAlert(world.consumer, ref, words);
    await expect(placeAlert(world.consumer, ref, words)).rejects.toMatchObject({ code: 'conflict' });
    expect(await standing()).toHaveLength(2);
  });

  test('S54 another person’s', async () => {
    const { id } = await placeAlert(world.consumer, ref, words);
    await expect(end(id, sandboxIdentifier('4711'))).rejects.toMatchObject({ code: 'not_found' });
    expect((await listAlerts(world.consumer, ['s1.1.stranger'])).items).toEqual([]);
    expect(await standing()).toHaveLength(1);
  });
});
