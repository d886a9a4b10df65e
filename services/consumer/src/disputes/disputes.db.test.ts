import { sha256Digest } from '@causeway/protocol';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { correctionsOf } from '../corrections/repository.ts';
import { authorityEntry, warrantOf } from '../test-warrants.ts';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { openDispute } from './open-dispute.ts';
import type { DisputeBody } from './schema.ts';
import { TestBureau } from './test-bureau.ts';
import { listDisputes, viewOfDispute } from './view.ts';
import { withdrawDispute } from './withdraw.ts';

let database: TestDatabase;
let world: World;
let bureau: TestBureau;
const lina = await refOf(persons.lina);
const wang = await refOf(persons.wang);
let items = 0;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  bureau = new TestBureau(world);
  // What earlier tests have left goes out, and nobody looks at it.
  world.clock.advance(61_000);
  await bureau.deliver();
  bureau.received.length = 0;
  items += 1;
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

/** A new item for each test. */
const said = (change: Partial<DisputeBody> = {}): DisputeBody => ({
  ...{ bureau: 'central', record: `account-${items}`, reason: 'wrong_amount', text: 'Paid back in March.' },
  ...change,
});
let keys = 0;
const open = async (body = said(), ref = lina, key = `k${(keys += 1)}`) =>
  (await openDispute(bureau.consumer, [ref], key, body)) as { id: string; others: { id: string }[] };
const view = async (id: string, ref = lina) => await viewOfDispute(bureau.consumer, [ref], id);

const traces = async () => {
  const tables = ['dispute', 'dispute_message', 'dispute_step', 'correction', 'leaf_staging', 'idempotency'];
  const counts = tables.map(async (table) => {
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(
      world.consumer.db,
    );
    return rows[0]?.n;
  });
  return await Promise.all(counts);
};
const refusal = async (run: () => Promise<unknown>): Promise<unknown> => {
  const before = await traces();
  const error: unknown = await run().then(
    () => 'accepted',
    (cause: unknown) => cause,
  );
  expect(await traces()).toEqual(before);
  return error;
};

/** A dispute that the bureau has taken and marked. */
async function marked() {
  const { id } = await open();
  await bureau.deliver();
  const digest = bureau.received.at(-1)?.dispute.digest ?? sha256Digest('none');
  await bureau.tell(bureau.step(digest, 1, 'accept'));
  await bureau.tell(bureau.step(digest, 2, 'mark'));
  return { id, digest };
}

describe('a dispute', () => {
  test('goes to its bureau, signed, with the words beside it and nowhere else', async () => {
    const { id } = await open();
    await bureau.deliver();
    expect(bureau.received).toMatchObject([
      {
        text: 'Paid back in March.',
        dispute: { claims: { aud: 'central', jti: id, action: 'open', subject_refs: [lina] } },
      },
    ]);
    expect(bureau.received[0]?.dispute.jws).not.toContain('March');
    const { rows } = await sql<{ row: string }>`SELECT dispute::text AS row FROM dispute`.execute(
      world.consumer.db,
    );
    expect(rows.map(({ row }) => row).join()).not.toContain('March');
    expect(await view(id)).toMatchObject({ state: 'received', text: 'Paid back in March.' });
  });

  test('shows its clocks and its steps as the bureau has signed them, in plain words', async () => {
    const { id } = await marked();
    const shown = await view(id);
    expect(shown).toMatchObject({
      state: 'marked',
      words: { en: expect.stringContaining('marked') as string },
    });
    expect(Date.parse(shown.due_at ?? '') - Date.parse(shown.received_at)).toBeGreaterThan(20 * 86_400_000);
    expect(shown.timeline.map(({ event }) => event)).toEqual(['receive', 'accept', 'mark']);
    expect((await listDisputes(bureau.consumer, [lina], undefined)).items[0]).toMatchObject({ id });
  });

  test('about one thing at several bureaus is one at each of them', async () => {
    const { others } = await open(said({ also: [{ bureau: 'lotus', record: 'x-1' }] }));
    await bureau.deliver();
    expect(bureau.received.map(({ dispute }) => dispute.claims.aud)).toEqual(['central', 'lotus']);
    expect(await view(others[0]?.id ?? '')).toMatchObject({ bureau: 'lotus', record: 'x-1' });
  });

  test('is one for its key, also for fifty at once', async () => {
    const body = said();
    const all = await Promise.all(Array.from({ length: 50 }, async () => await open(body, lina, 'same')));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    await bureau.deliver();
    expect(bureau.received).toHaveLength(1);
    const error = await refusal(async () => await open(said({ text: 'Other.' }), lina, 'same'));
    expect(error).toMatchObject({ code: 'idempotency_mismatch' });
  });

  test('waits for a bureau that is away, whichever process runs then, and arrives once', async () => {
    bureau.behaviour = 'away';
    const { id } = await open();
    await bureau.deliver();
    const other = world.replica();
    const later = new TestBureau(world, other.consumer);
    world.clock.advance(5000);
    await Promise.all([1, 2, 3].map(async () => await later.deliver()));
    expect(later.received.map(({ dispute }) => dispute.claims.jti)).toEqual([id]);
    world.clock.advance(3600_000);
    await later.deliver();
    expect(later.received).toHaveLength(1);
    await other.close();
  });
});

describe('refused, and nothing is written', () => {
  test.each<[string, Partial<DisputeBody>]>([
    ['bad_request', { bureau: 'nobody' }],
    ['bad_request', { bureau: 'abc-bank' }],
    ['bad_request', { also: [{ bureau: 'broker', record: 'x' }] }],
  ])('%s for %j', async (code, change) => {
    const tables = (await traces()).slice(0, 5);
    await expect(open(said(change))).rejects.toMatchObject({ code });
    expect((await traces()).slice(0, 5)).toEqual(tables);
  });

  test('a second one about an item while one is open', async () => {
    await open();
    expect(await refusal(async () => await open())).toMatchObject({ code: 'conflict' });
  });

  test('more than a hundred in a day', async () => {
    const many = await refOf({ scheme: 'gb11643', value: '990000199001010041' });
    const also = (n: number) =>
      Array.from({ length: 15 }, (_, at) => ({ bureau: 'central', record: `many-${n}-${at}` }));
    for (let n = 0; n < 7; n += 1) await open(said({ record: `many-${n}`, also: also(n) }), many);
    const error = await refusal(async () => await open(said({ record: 'one more' }), many));
    expect(error).toMatchObject({ code: 'budget_exhausted' });
    await open(said({ record: 'one more' }), wang);
  });

  test('S54 somebody else’s dispute is as absent, to read and to withdraw', async () => {
    const { id } = await open();
    const absent = '019a0000-0000-7000-8000-000000000000';
    for (const [ref, of] of [
      [wang, id],
      [lina, absent],
    ] as const) {
      expect(await refusal(async () => await view(of, ref))).toMatchObject({ code: 'not_found' });
      const taking = await refusal(async () => await withdrawDispute(bureau.consumer, [ref], of));
      expect(taking).toMatchObject({ code: 'not_found' });
    }
    const hers = (await listDisputes(bureau.consumer, [wang], undefined)).items;
    expect(hers.map((one) => one.id)).not.toContain(id);
  });

  test('steps that are not the bureau’s to take, or not now', async () => {
    const { id } = await open();
    await bureau.deliver();
    const digest = bureau.received.at(-1)?.dispute.digest ?? sha256Digest('none');
    await bureau.tell(bureau.step(digest, 1, 'accept'));
    const spoilt: [string, ReturnType<TestBureau['step']>, string?][] = [
      ['conflict', bureau.step(digest, 2, 'answer')],
      ['conflict', bureau.step(digest, 2, 'forward')],
      ['conflict', bureau.step(digest, 3, 'mark')],
      ['conflict', bureau.step(digest, 2, 'close')],
      ['once_conflict', bureau.step(digest, 1, 'reject', { reason: 'no_such_item' })],
      ['not_found', bureau.step(sha256Digest('another'), 2, 'mark')],
      ['not_found', bureau.step(digest, 2, 'mark', { by: 'lotus' }), 'lotus'],
      ['issuer_mismatch', bureau.step(digest, 2, 'mark', { by: 'lotus' })],
      ['digest_mismatch', { ...bureau.step(digest, 2, 'mark'), text: 'and this' }],
    ];
    for (const [code, sent, by] of spoilt)
      expect(await refusal(async () => await bureau.tell(sent, by))).toMatchObject({ code });
    expect(await view(id)).toMatchObject({ state: 'accepted' });
  });
});

test('a withdrawal is told to the bureau, and holds once the bureau has said so', async () => {
  const { digest, id } = await marked();
  expect(await withdrawDispute(bureau.consumer, [lina], id)).toMatchObject({ state: 'marked' });
  await withdrawDispute(bureau.consumer, [lina], id);
  await bureau.deliver();
  expect(bureau.received.at(-1)?.dispute.claims).toMatchObject({ action: 'withdraw', opening: digest });
  await bureau.tell(bureau.step(digest, 3, 'withdraw'));
  expect(await view(id)).toMatchObject({ state: 'withdrawn', outcome: 'withdrawn', due_at: null });
  expect(bureau.received).toHaveLength(2);
});

describe('an outcome', () => {
  test('reaches the person in the bureau’s words, once', async () => {
    const { digest, id } = await marked();
    await bureau.tell(bureau.step(digest, 3, 'answer'));
    const found = bureau.step(digest, 4, 'resolve', { outcome: 'unfounded', text: 'It is as we say.' });
    const first = await bureau.tell(found);
    expect(await bureau.tell(found)).toEqual(first);
    for (const [n, event] of ['notify', 'close'].entries())
      await bureau.tell(bureau.step(digest, 5 + n, event as 'close'));
    const shown = await view(id);
    expect(shown).toMatchObject({ state: 'closed', outcome: 'unfounded', due_at: null, corrections: 0 });
    expect(shown.timeline).toContainEqual(expect.objectContaining({ text: 'It is as we say.' }));
    const late = async () => await bureau.tell(bureau.step(digest, 7, 'resolve', { outcome: 'deleted' }));
    expect(await refusal(late)).toMatchObject({ code: 'conflict' });
    const back = async () => await withdrawDispute(bureau.consumer, [lina], id);
    expect(await refusal(back)).toMatchObject({ code: 'conflict' });
  });

  test('corrects those who were given the item, and nobody whom the bureau only names', async () => {
    const asked = async (terms: object, lender: string, category: 'ACCOUNT_SUMMARY' | 'SCORE') => {
      const more = { categories: [category], bureaus: ['central'], ...terms };
      const { digest } = await world.consentOf(persons.lina, more, lender);
      const inquiry = world.inquiry({ subject_ref: lina, consent: digest, categories: [category] }, lender);
      await world.redemptions.redeem({ inquiry: inquiry.jws }, 'broker');
      return inquiry.digest;
    };
    const given = await asked({}, 'abc-bank', 'ACCOUNT_SUMMARY');
    const score = await asked({}, 'evergreen', 'SCORE');
    const elsewhere = await asked({ bureaus: ['lotus'] }, 'evergreen', 'ACCOUNT_SUMMARY');
    // A court is corrected as well, and the person is not shown yet that it has asked: it is not counted.
    world.directory.entries.set('authority', authorityEntry());
    const cited = warrantOf(world, { subject_ref: lina, bureaus: ['central'] }).digest;
    const basis = { code: 'JUDICIAL' as const, cited };
    const court = world.inquiry({ subject_ref: lina, purpose: 'JUDICIAL', basis }, 'authority');
    await world.redemptions.redeem({ inquiry: court.jws }, 'broker');
    const { digest, id } = await marked();
    await bureau.tell(bureau.step(digest, 3, 'answer'));
    const sent = {
      ...bureau.step(digest, 4, 'resolve', { outcome: 'corrected' }),
      ...{
        recipients: [given, score, elsewhere, court.digest, sha256Digest('made up')],
        categories: ['ACCOUNT_SUMMARY'],
      },
    };
    expect(await bureau.tell(sent)).toEqual({ recorded: true, corrections: 1 });
    expect(await bureau.tell(sent)).toEqual({ recorded: true, corrections: 1 });
    const { db } = world.consumer;
    expect(await correctionsOf(db, 'abc-bank', undefined, 9)).toMatchObject([
      { inquiry: given, dispute: id },
    ]);
    expect(await correctionsOf(db, 'evergreen', undefined, 9)).toEqual([]);
    expect(await correctionsOf(db, 'authority', undefined, 9)).toMatchObject([{ inquiry: court.digest }]);
    expect(await view(id)).toMatchObject({ corrections: 1, outcome: 'corrected' });
  });
});
