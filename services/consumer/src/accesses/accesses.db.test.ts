import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { sign } from '@causeway/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeRefusal } from '../refusals/service.ts';
import { openSession, subjectOfSession } from '../sessions/service.ts';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { listAccesses } from './service.ts';

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const { lina, wang } = persons;
const linaRef = await refOf(lina);
const wangRef = await refOf(wang);
const history = async (ref: string, cursor?: string) => await listAccesses(world.consumer, [ref], cursor);

test('the history holds what was granted and what was refused, newest first', async () => {
  const { digest } = await world.consentOf(lina);
  const [first, second] = [1, 2].map(() => world.inquiry({ subject_ref: linaRef, consent: digest }));
  for (const inquiry of [first, second])
    await world.redemptions.redeem({ inquiry: inquiry?.jws ?? '' }, 'broker');
  const { items } = await history(linaRef);
  expect(items).toMatchObject([
    {
      outcome: 'refused',
      code: 'consent_used_up',
      inquiry: second?.digest,
      bureaus: [],
      decided_by: 'consumer',
    },
    { outcome: 'granted', use: 1, inquiry: first?.digest, bureaus: ['central', 'lotus'], lender: 'abc-bank' },
  ]);
  expect(items[1]).not.toHaveProperty('code');
});

test('S99: pages follow each other without gap or repeat', async () => {
  const nobody = await refOf({ scheme: 'gb11643', value: '990000199001010041' });
  const citing = world.inquiry({
    subject_ref: linaRef,
    consent: (await world.consentOf(wang)).digest,
  }).digest;
  const inquiries = Array.from({ length: 120 }, () =>
    world.inquiry({ subject_ref: nobody, consent: citing }),
  );
  for (const { jws } of inquiries) await world.redemptions.redeem({ inquiry: jws }, 'broker');
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 10; page += 1) {
    const { items, next } = await history(nobody, cursor);
    seen.push(...items.map(({ inquiry }) => inquiry));
    cursor = next;
    if (cursor === undefined) break;
  }
  expect(seen).toEqual(inquiries.map(({ digest }) => digest).toReversed());
});

test("S54: another subject's cursor is as absent as an invented one", async () => {
  const { items } = await history(linaRef);
  const cursor = items[0]?.id ?? '';
  await expect(history(linaRef, cursor)).resolves.toBeDefined();
  await expect(history(wangRef, cursor)).rejects.toMatchObject({ code: 'not_found' });
  const invented = cursor.replace(/.$/u, (last) => (last === '0' ? '1' : '0'));
  await expect(history(linaRef, invented)).rejects.toMatchObject({ code: 'not_found' });
});

test("the broker's early refusal becomes a line, once", async () => {
  const { inquiry, refusal } = early();
  const before = (await history(wangRef)).items.length;
  for (let i = 0; i < 3; i += 1)
    await takeRefusal(world.consumer, { refusal, inquiry: inquiry.jws }, 'broker');
  const { items } = await history(wangRef);
  expect(items).toHaveLength(before + 1);
  expect(items[0]).toMatchObject({ decided_by: 'broker', outcome: 'refused', code: 'purpose_not_permitted' });
});

test('S9: a refusal that answers another inquiry, asker or broker adds nothing', async () => {
  const { inquiry, refusal } = early();
  const other = early();
  const before = (await history(wangRef)).items.length;
  const cases = [
    [{ refusal: other.refusal, inquiry: inquiry.jws }, 'broker', 'link_mismatch'],
    [{ refusal, inquiry: inquiry.jws }, 'other-broker', 'audience_mismatch'],
    [{ refusal: early('other-broker').refusal, inquiry: inquiry.jws }, 'broker', 'issuer_mismatch'],
    [{ refusal: early('broker', 'evergreen').refusal, inquiry: inquiry.jws }, 'broker', 'audience_mismatch'],
    [{ refusal: inquiry.jws, inquiry: inquiry.jws }, 'broker', 'statement_type'],
    [{ refusal, inquiry: refusal }, 'broker', 'statement_type'],
  ] as const;
  for (const [item, peer, code] of cases) {
    await expect(takeRefusal(world.consumer, item, peer)).rejects.toMatchObject({ code });
  }
  expect((await history(wangRef)).items).toHaveLength(before);
});

/** An inquiry and the broker's refusal of it. */
function early(broker = 'broker', aud = 'abc-bank') {
  const inquiry = world.inquiry({
    subject_ref: wangRef,
    consent: world.inquiry({ subject_ref: wangRef, ...basis }).digest,
  });
  const exp = Math.floor(world.clock.now() / 1000) + 600;
  const claims = {
    aud,
    exp,
    inquiry: inquiry.digest,
    code: 'purpose_not_permitted',
    policy_version: 'v1',
    rules: [],
  };
  return {
    inquiry,
    refusal: sign('refusal', { ...claims, code: 'purpose_not_permitted' }, world.by(broker)).jws,
  };
}

const basis = { basis: { code: 'POST_LOAN', cited: `sha-256:${'A'.repeat(43)}` } } as const;

const asked = (authorization?: string) => ({
  method: 'GET',
  headers: authorization === undefined ? {} : { authorization },
});

test('a session opens with an id_token for it, once, and ends', async () => {
  const nonce = 'session:0199aaaa-0000-7000-8000-000000000001';
  const token = await world.idToken({ identity: lina, nonce });
  const { session } = await openSession(world.consumer, token);
  const subject = async () => await subjectOfSession(world.consumer, asked(`Bearer ${session}`));
  expect(await subject()).toBe(linaRef);
  await expect(openSession(world.consumer, token)).rejects.toMatchObject({ code: 'token_invalid' });
  world.clock.advance(30 * 60_000);
  await expect(subject()).rejects.toMatchObject({ code: 'token_invalid' });
});

test('S1: no session, another scheme, a changed or an invented one opens nothing', async () => {
  const nonce = 'session:0199aaaa-0000-7000-8000-000000000002';
  const { session } = await openSession(world.consumer, await world.idToken({ identity: lina, nonce }));
  const changed = `${session.slice(0, -1)}${session.endsWith('A') ? 'E' : 'A'}`;
  const headers = [
    [undefined, 'token_missing'],
    ['', 'token_invalid'],
    [`DPoP ${session}`, 'token_invalid'],
    [`Bearer ${changed}`, 'token_invalid'],
    [`Bearer ${session} x`, 'token_invalid'],
  ] as const;
  for (const [header, code] of headers) {
    await expect(subjectOfSession(world.consumer, asked(header))).rejects.toMatchObject({ code });
  }
  const wrongAct = await world.idToken({ identity: lina, nonce: 'approve:1:2' });
  await expect(openSession(world.consumer, wrongAct)).rejects.toMatchObject({ code: 'token_invalid' });
});
