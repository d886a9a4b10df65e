import { sha256Digest } from '@causeway/protocol';
import { directoryWith, entryOf, otherSubject, subject } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { account, claimsOf, createWorld } from '../test-world.ts';
import type { World } from '../test-world.ts';
import { bury } from '../store/bury.ts';
import { inTransaction } from '../store/in-transaction.ts';
import { nextVersion } from '../store/next-version.ts';
import { writeVersions } from '../store/write-versions.ts';
import { remarkDisputed } from './remark.ts';
import { sweepDisputes } from './sweep.ts';
import { deskOf, text } from './test-desk.ts';

let database: TestDatabase;
let world: World;
let desk: ReturnType<typeof deskOf>;
const dayMs = 86_400_000;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});
beforeEach(async () => {
  await world.reset();
  desk = deskOf(world);
  await world.store(subject, [account('L1', { source_institution: 'abc-bank' }), account('L2')]);
  await world.store(otherSubject, [account('L9')]);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

/** A dispute of the first loan that has been taken; its id. */
async function taken(): Promise<string> {
  const { claims, jws } = desk.opening();
  expect((await desk.deliver(jws)).status).toBe(202);
  return claims.jti;
}

/** Everything that is written of disputes and of the records that they are about. */
const traces = async () =>
  await Promise.all(
    ['dispute', 'dispute_step', 'mark', 'record', 'record_version', 'tombstone', 'leaf_staging'].map(
      async (table) => await world.count(table),
    ),
  );

async function shown() {
  const inquiry = world.inquiry();
  const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
  return claimsOf('disclosure', results[0]?.disclosure ?? '').records;
}
const events = () => desk.consumer.received.map(({ handling }) => handling.claims.event);
const act = async (id: string, what: string, said: object = {}, by = 'zhang') =>
  await desk.act(id, what, { by, ...said });

describe('a dispute that arrives', () => {
  it('marks the item before it is answered, and every answer from then on carries the mark', async () => {
    expect(await shown()).not.toContainEqual(expect.objectContaining({ display_state: 'marked' }));
    await taken();
    const [first, second] = await shown();
    expect(first).toMatchObject({ source_record_id: 'L1', marks: [{ kind: 'dispute_mark' }] });
    expect(first).toMatchObject({ display_state: 'marked' });
    expect(second).not.toHaveProperty('marks');
    await desk.send();
    expect(events()).toEqual(['accept', 'mark']);
    expect(world.log()).not.toContain(text);
  });

  it('is found by the source’s own number too, and is one however often it comes', async () => {
    const { claims, jws } = desk.opening({ record: 'L1' });
    await Promise.all([1, 2, 3].map(async () => await desk.deliver(jws)));
    const before = await traces();
    world.clock.advance(3600_000);
    expect((await desk.deliver(jws)).status).toBe(202);
    expect(await traces()).toEqual(before);
    expect((await desk.look(`/${claims.jti}`)).body).toMatchObject({ state: 'marked', text });
  });

  it('of somebody else’s item and of none is rejected in the same words, and marks nothing', async () => {
    const said: unknown[] = [];
    for (const record of ['L9', 'nothing']) {
      expect((await desk.deliver(desk.opening({ record }).jws)).status).toBe(202);
      await desk.send();
      said.push(
        desk.consumer.received.splice(0).map(({ handling: { claims } }) => [claims.event, claims.reason]),
      );
    }
    expect(said).toEqual([[['reject', 'no_such_item']], [['reject', 'no_such_item']]]);
    expect(await world.count('mark')).toBe(0);
  });

  it('about an item that is disputed already is rejected', async () => {
    await taken();
    await desk.deliver(desk.opening().jws);
    await desk.send();
    const reasons = desk.consumer.received.map(({ handling }) => handling.claims.reason);
    expect(reasons.filter((reason) => reason !== undefined)).toEqual(['already_open']);
    expect(await world.count('mark')).toBe(1);
  });

  it.each<[string, string, () => { jws: string; words?: string; peer?: string }]>([
    ['another bureau’s', 'audience_mismatch', () => ({ jws: desk.opening({ aud: 'lotus' }).jws })],
    ['from a broker', 'role_not_permitted', () => ({ jws: desk.opening().jws, peer: 'broker' })],
    ['with other words', 'digest_mismatch', () => ({ jws: desk.opening().jws, words: 'other' })],
    [
      'expired',
      'expired',
      () => ({
        jws: desk.opening({ iat: 1_794_950_000, received_at: 1_794_950_000, exp: 1_794_950_100 }).jws,
      }),
    ],
    ['no statement', 'statement_missing', () => ({ jws: '' })],
    [
      'that takes back what never came',
      'not_found',
      () => ({
        jws: desk.opening({ action: 'withdraw', opening: sha256Digest('none') }).jws,
      }),
    ],
  ])('%s is refused (%s), and nothing is written', async (_, code, made) => {
    const before = await traces();
    const { jws, peer, words } = made();
    expect((await desk.deliver(jws, words, peer)).body['code']).toBe(code);
    expect(await traces()).toEqual(before);
  });

  it('under the once key of another is refused, and nothing is written', async () => {
    const id = await taken();
    const before = await traces();
    const again = await desk.deliver(desk.opening({ jti: id, record: 'account-L2' }).jws);
    expect([again.body['code'], await traces()]).toEqual(['once_conflict', before]);
  });
});

describe('the desk', () => {
  it('forwards, takes the answer and corrects: a version, recipients, and the mark ends', async () => {
    await shown();
    const id = await taken();
    expect((await desk.look()).body).toMatchObject({ items: [{ id, state: 'marked', handler: null }] });
    expect((await act(id, 'forwarding')).body).toMatchObject({ state: 'forwarded', handler: 'zhang' });
    expect((await act(id, 'answer', { text: 'ours was wrong' }, 'bank')).body).toMatchObject({
      state: 'answered',
    });
    const corrected = await act(id, 'correction', { set: { balance: '0' }, text: 'You were right.' });
    expect(corrected.body).toMatchObject({ state: 'corrected', due_at: null });
    expect(await shown()).toContainEqual(
      expect.objectContaining({ balance: '0', version: 2, display_state: 'marked' }),
    );
    await desk.send();
    expect(events()).toEqual(['accept', 'mark', 'forward', 'answer', 'resolve', 'notify', 'close']);
    const [resolved] = desk.consumer.received.filter(({ body }) => body.recipients !== undefined);
    expect(resolved?.body).toMatchObject({ text: 'You were right.', categories: ['ACCOUNT_SUMMARY'] });
    expect(resolved?.body.recipients).toHaveLength(1);
    expect(resolved?.handling.claims).toMatchObject({ event: 'resolve', outcome: 'corrected', step: 5 });
    expect(JSON.stringify(desk.consumer.received)).not.toMatch(/zhang|ours was wrong/u);
    expect((await shown())[0]).not.toHaveProperty('marks');
    expect((await desk.look()).body).toEqual({ items: [] });
    expect((await act(id, 'forwarding')).body['code']).toBe('conflict');
  });

  it('deletes what should not be there; what is left is a tombstone', async () => {
    const id = await taken();
    await act(id, 'answer');
    expect((await act(id, 'deletion')).body).toMatchObject({ state: 'deleted' });
    expect(await world.count('tombstone')).toBe(1);
    expect((await shown()).map((record) => record.source_record_id)).toEqual(['L2']);
  });

  it('marks anew what a publisher took away and reports again while it is disputed', async () => {
    const id = await taken();
    const key = { subjectRef: subject, record: 'account', sourceRecordId: 'L1' } as const;
    await inTransaction(world.pool, async (client) => {
      await bury(client, [{ key, rule: 'publisher.deleted', asOf: '2026-10-31' }], world.clock.now());
    });
    expect(await remarkDisputed(desk.bureau)).toBe(0);
    const { row } = nextVersion(account('L1'), undefined, {
      ...{ subjectKind: 'person', rules: world.bureau.life(), nowMs: world.clock.now() },
    }) as Extract<ReturnType<typeof nextVersion>, { kind: 'version' }>;
    await inTransaction(world.pool, async (client) => {
      await writeVersions(client, [{ key, kind: 'person', row }], 1);
    });
    expect((await shown())[0]).not.toHaveProperty('display_state');
    expect(await remarkDisputed(desk.bureau)).toBe(1);
    expect((await shown())[0]).toMatchObject({ source_record_id: 'L1', display_state: 'marked' });
    await act(id, 'answer');
    await act(id, 'finding', { outcome: 'unfounded' });
    await desk.send();
    expect((await shown())[0]).not.toHaveProperty('marks');
    expect(await remarkDisputed(desk.bureau)).toBe(0);
  });

  it('leaves a note for good on what nobody could find out', async () => {
    const id = await taken();
    await act(id, 'answer');
    await act(id, 'finding', { outcome: 'undetermined' });
    await desk.send();
    expect((await shown())[0]).toMatchObject({ marks: [{ kind: 'bureau_note' }] });
    expect((await shown())[0]).not.toHaveProperty('display_state');
  });

  it('ends at once where the person takes it back, and is no more taken back then', async () => {
    const opened = desk.opening();
    await desk.deliver(opened.jws);
    const back = desk.opening({ action: 'withdraw', opening: opened.digest });
    await desk.deliver(back.jws);
    await desk.send();
    expect(events()).toEqual(['accept', 'mark', 'withdraw', 'notify', 'close']);
    expect((await shown())[0]).not.toHaveProperty('marks');
    const before = await traces();
    expect((await desk.deliver(back.jws)).status).toBe(202);
    expect(await traces()).toEqual(before);
  });

  it.each<[string, number, string, object, string?]>([
    ['conflict', 409, 'correction', { set: { balance: '0' } }],
    ['conflict', 409, 'deletion', {}],
    ['conflict', 409, 'finding', { outcome: 'unfounded' }],
    ['approval_insufficient', 403, 'extension', {}],
    ['approval_insufficient', 403, 'stop', { reason: 'court' }],
    ['bad_request', 400, 'stop', { reason: 'holiday' }],
    ['bad_request', 400, 'finding', { outcome: 'corrected' }],
    ['bad_request', 400, 'forwarding', { by: '' }],
    ['bad_request', 400, 'correction', { set: { Balance: '0' } }],
    ['bad_request', 400, 'correction', {}],
    ['role_not_permitted', 403, 'forwarding', {}, 'lotus'],
    ['token_missing', 401, 'forwarding', {}, ''],
  ])('%s (%i) at %s changes nothing', async (code, status, what, said, member) => {
    const id = await taken();
    const before = await traces();
    const answer = await desk.act(id, what, { by: 'zhang', ...said }, member);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(await traces()).toEqual(before);
  });

  it.each<[string, object]>([
    ['conflict', { balance: '100' }],
    ['bad_request', { balance: 'all of it' }],
    ['bad_request', { source_record_id: 'L7' }],
    ['bad_request', { phone: '1' }],
  ])('%s for a correction to %j, and the dispute stays open', async (code, set) => {
    const id = await taken();
    await act(id, 'answer');
    const before = await traces();
    expect((await act(id, 'correction', { set })).body['code']).toBe(code);
    expect(await traces()).toEqual(before);
    expect((await desk.look(`/${id}`)).body).toMatchObject({ state: 'answered' });
  });

  it('knows no dispute that is not there', async () => {
    const id = '019a0000-0000-7000-8000-000000000000';
    expect((await desk.look(`/${id}`)).status).toBe(404);
    expect((await act(id, 'forwarding')).status).toBe(404);
  });
});

describe('the clocks', () => {
  const at = (jurisdiction: string) => {
    world.directory.current = directoryWith([entryOf('central', { jurisdiction })]).view;
  };
  const moved = async (ms: number) => {
    world.clock.advance(ms);
    await sweepDisputes(desk.bureau);
  };

  it('ask the provider by themselves, and end as undetermined on the twenty-first day', async () => {
    const id = await taken();
    await moved(dayMs);
    expect((await desk.look(`/${id}`)).body).toMatchObject({ state: 'marked' });
    await moved(4 * dayMs);
    expect((await desk.look(`/${id}`)).body).toMatchObject({ state: 'forwarded', handler: null });
    await moved(17 * dayMs);
    expect((await desk.look(`/${id}`)).body).toMatchObject({ state: 'undetermined', overdue: true });
    await desk.send();
    expect(events().slice(2)).toEqual(['forward', 'lapse', 'notify', 'close']);
    expect(world.log()).toContain('dispute_overdue');
  });

  it('catch up what was missed while nobody ran, once', async () => {
    await taken();
    world.clock.advance(400 * dayMs);
    await Promise.all([1, 2, 3].map(async () => await sweepDisputes(desk.bureau)));
    const before = await traces();
    expect(await sweepDisputes(desk.bureau)).toBe(0);
    expect(await traces()).toEqual(before);
  });

  it('are extended once by another person than the one who handles it, where the law lets them', async () => {
    at('US');
    const id = await taken();
    expect((await act(id, 'extension', {}, 'li')).body['code']).toBe('approval_insufficient');
    await act(id, 'forwarding');
    const due = String((await desk.look(`/${id}`)).body['due_at']);
    expect((await act(id, 'extension')).body['code']).toBe('approval_insufficient');
    const extended = (await act(id, 'extension', {}, 'li')).body;
    expect(Date.parse(String(extended['due_at'])) - Date.parse(due)).toBe(15 * dayMs);
    expect(extended['handler']).toBe('zhang');
    expect((await act(id, 'extension', {}, 'li')).body['code']).toBe('conflict');
  });

  it('stand still and run on where a city lets them; nowhere else', async () => {
    const id = await taken();
    await act(id, 'forwarding');
    expect((await act(id, 'stop', { reason: 'expert_test' }, 'li')).body['code']).toBe('conflict');
    at('CN-HA');
    const other = desk.opening({ record: 'account-L2' });
    await desk.deliver(other.jws);
    await act(other.claims.jti, 'forwarding');
    const stopped = await act(other.claims.jti, 'stop', { reason: 'expert_test' }, 'li');
    expect(stopped.status).toBe(200);
    expect((await act(other.claims.jti, 'resumption', {}, 'li')).status).toBe(200);
  });

  it('delete what nobody could verify, where the law says so', async () => {
    at('US');
    await taken();
    await moved(32 * dayMs);
    expect(await world.count('tombstone')).toBe(1);
  });
});

describe('what the consumer service is told', () => {
  it('waits for it, in order, and comes once it is back', async () => {
    desk.consumer.away = true;
    const id = await taken();
    await desk.send();
    await act(id, 'answer');
    await act(id, 'finding', { outcome: 'unfounded' });
    await desk.send();
    expect(await desk.look('?state=unfounded')).toMatchObject({ body: { items: [{ id }] } });
    desk.consumer.away = false;
    for (let minutes = 0; minutes < 10; minutes += 1) {
      world.clock.advance(61_000);
      await desk.send();
    }
    expect(events()).toEqual(['accept', 'mark', 'answer', 'resolve', 'notify', 'close']);
    expect(desk.consumer.received.map(({ handling }) => handling.claims.step)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('comes from whichever process is first, and closes once', async () => {
    const id = await taken();
    await act(id, 'answer');
    await act(id, 'finding', { outcome: 'unfounded' });
    await Promise.all([1, 2, 3].map(async () => await desk.send()));
    expect((await desk.look(`/${id}`)).body).toMatchObject({ state: 'closed', outcome: 'unfounded' });
    expect(events().filter((event) => event === 'close')).toHaveLength(1);
  });
});
