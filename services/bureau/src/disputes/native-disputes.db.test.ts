import { directoryWith, subject } from '@causeway/protocol/federation.fixture';
import type { CreditRecord } from '@causeway/records';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ownEnquiryOf, withPasskeys } from '../disclosures/test-own-enquiry.ts';
import { claimsOf, refOf } from '../test-world.ts';
import { showItem } from './item.ts';
import { laterRef, nativeWorld } from './test-native.ts';
import type { NativeWorld } from './test-native.ts';
import { deskOf, text } from './test-desk.ts';

let database: TestDatabase;
let world: NativeWorld;
let desk: ReturnType<typeof deskOf>;
const loan = 'loan-L1';

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await nativeWorld(database);
});
beforeEach(async () => {
  await world.reset();
  desk = deskOf(world);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

/** A dispute of the first loan that has been taken; its id. */
async function taken(change: Parameters<typeof desk.opening>[0] = {}): Promise<string> {
  const { claims, jws } = desk.opening({ record: loan, subject_refs: [subject, laterRef], ...change });
  expect((await desk.deliver(jws)).status).toBe(202);
  return claims.jti;
}

const tables = ['dispute', 'dispute_step', 'native_item', 'mark', 'leaf_staging'];
/** Everything that is written of disputes and of the items that they are about. */
const traces = async () => {
  const counts = await Promise.all(tables.map(async (table) => await world.count(table)));
  const { rows } = await world.pool.query(
    'SELECT state, digest FROM native_item ORDER BY record_id, subject_ref',
  );
  return [counts, rows];
};
const states = async () => {
  const { rows } = await world.pool.query<{ state: string }>('SELECT DISTINCT state FROM native_item');
  return rows.map(({ state }) => state);
};
const oneOf = (records: readonly CreditRecord[], id = loan) =>
  records.find(({ record_id }) => record_id === id);
const shownLoan = async (ref?: string) => oneOf(await world.shown(ref));
const events = () => desk.consumer.received.map(({ handling }) => handling.claims.event);
const reasons = () => desk.consumer.received.flatMap(({ handling }) => handling.claims.reason ?? []);
const act = async (id: string, what: string, said: object = {}) =>
  await desk.act(id, what, { by: 'zhang', ...said });
/** The native system's own people make the loan say something else. */
const repair = (change: object) => {
  const at = world.held.findIndex(({ source_record_id }) => source_record_id === 'L1');
  world.held[at] = { ...world.held[at], ...change } as CreditRecord;
};
const remove = () => world.held.splice(0, 1)[0] as CreditRecord;
/** Answered by whoever reported it, so that something can be found. */
async function answered(): Promise<string> {
  const id = await taken();
  await act(id, 'answer');
  return id;
}
const inState = async (id: string) => (await desk.look(`/${id}`)).body['state'];

describe('a dispute about what lies in a native system', () => {
  it('marks the item before it is answered, and every answer from then on carries the mark', async () => {
    expect(await shownLoan()).not.toHaveProperty('marks');
    await taken();
    const records = await world.shown();
    expect(oneOf(records)).toMatchObject({ display_state: 'marked', marks: [{ kind: 'dispute_mark' }] });
    expect(oneOf(records, 'loan-L2')).not.toHaveProperty('marks');
    expect(await shownLoan(laterRef)).toMatchObject({ display_state: 'marked' });
    await desk.send();
    expect(events()).toEqual(['accept', 'mark']);
    expect(world.log()).not.toContain(text);
  });

  it('carries its mark to the person themselves, too', async () => {
    world.directory.current = directoryWith([withPasskeys]).view;
    const { given } = ownEnquiryOf(world);
    await taken();
    const { results } = await world.ask([given()]);
    const { records } = claimsOf('disclosure', results[0]?.disclosure ?? '');
    expect(oneOf(records)).toMatchObject({ display_state: 'marked', marks: [{ kind: 'dispute_mark' }] });
    expect(oneOf(records, 'loan-L2')).not.toHaveProperty('marks');
  });

  it('keeps of the item its key and a digest, and nothing of what it says', async () => {
    await taken();
    const { rows } = await world.pool.query<Record<string, unknown>>('SELECT * FROM native_item');
    expect(new Set(rows.map((row) => row['subject_ref']))).toEqual(new Set([subject, laterRef]));
    for (const row of rows) {
      expect(row).toMatchObject({ record: 'account', record_id: loan, state: 'marked' });
      expect(String(row['digest'])).toMatch(/^sha-256:/u);
    }
    expect(JSON.stringify(rows)).not.toMatch(/"50000"|2020-05-05/u);
    expect(await world.count('record')).toBe(0);
  });

  it('finds what the system numbers anew with each answer', async () => {
    const score = async () => (await world.shown()).find(({ record }) => record === 'score');
    const [before, after] = [await score(), await score()];
    expect(after?.record_id).toBe(before?.record_id);
    expect(after?.source_record_id).not.toBe(before?.source_record_id);
    await taken({ record: after?.record_id ?? '' });
    expect(await score()).toMatchObject({ value: 640, display_state: 'marked' });
    expect(await shownLoan()).not.toHaveProperty('marks');
  });

  it('is one however often it comes, and the system is asked for it once', async () => {
    const { claims, jws } = desk.opening({ record: loan });
    await Promise.all([1, 2, 3].map(async () => await desk.deliver(jws)));
    const [before, asked] = [await traces(), world.system.asked.length];
    expect((await desk.deliver(jws)).status).toBe(202);
    expect([await traces(), world.system.asked.length]).toEqual([before, asked]);
    expect(await inState(claims.jti)).toBe('marked');
  });

  it.each<[string, object]>([
    ['somebody else’s', { record: 'loan-L9' }],
    ['that nobody has', { record: 'loan-none' }],
    [
      'of whom the roster does not have',
      { record: loan, subject_refs: [refOf({ scheme: 'gb11643', value: 'nobody' })] },
    ],
  ])('%s is rejected in the same words, and marks nothing', async (_name, change) => {
    await desk.deliver(desk.opening(change).jws);
    await desk.send();
    expect([events(), reasons()]).toEqual([['reject'], ['no_such_item']]);
    expect(await world.count('native_item')).toBe(0);
    expect(await shownLoan()).not.toHaveProperty('marks');
  });

  it('is not taken while the system is away, nothing is written, and it is when it comes again', async () => {
    const { jws } = desk.opening({ record: loan });
    const before = await traces();
    world.system.quirks.code = '3001';
    expect((await desk.deliver(jws)).body['code']).toBe('unavailable');
    expect(await traces()).toEqual(before);
    delete world.system.quirks.code;
    expect((await desk.deliver(jws)).status).toBe(202);
    expect(await shownLoan()).toMatchObject({ display_state: 'marked' });
  });

  it('about an item that is disputed already is rejected, under whichever reference', async () => {
    await taken();
    await desk.deliver(desk.opening({ record: loan, subject_refs: [laterRef] }).jws);
    await desk.send();
    expect(reasons()).toEqual(['already_open']);
    expect(await world.count('native_item')).toBe(2);
  });

  it('under the once key of another is refused, and nothing is written', async () => {
    const id = await taken();
    const before = await traces();
    const again = await desk.deliver(desk.opening({ jti: id, record: 'loan-L2' }).jws);
    expect([again.body['code'], await traces()]).toEqual(['once_conflict', before]);
  });

  it('marks answers that the system gave before, and that are recorded after', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(subject, laterRef), { minLength: 1, maxLength: 4 }),
        async (refs) => {
          await world.reset();
          desk = deskOf(world);
          const questions = refs.map((ref) => async () => await shownLoan(ref));
          const handOn = await world.heldBack(questions);
          const id = await taken();
          for (const record of await handOn()) expect(record?.display_state).toBe('marked');
          expect(await inState(id)).toBe('marked');
        },
      ),
      { numRuns: 8 },
    );
  });
});

describe('the end of a dispute about what lies in a native system', () => {
  it('is no correction while the system reports the item as it was', async () => {
    const id = await answered();
    const before = await traces();
    const { body, status } = await act(id, 'correction');
    expect([status, body['code'], String(body['detail'])]).toEqual([
      ...[409, 'conflict'],
      expect.stringContaining('correct it there first') as string,
    ]);
    expect(await traces()).toEqual(before);
    expect(await inState(id)).toBe('answered');
    expect(await shownLoan()).toMatchObject({ display_state: 'marked' });
  });

  it('is a correction once the system has it right: recipients, and the mark ends', async () => {
    await world.shown();
    const id = await answered();
    repair({ balance: '0' });
    const corrected = await act(id, 'correction', { text: 'You were right.' });
    expect(corrected.body).toMatchObject({ state: 'corrected', due_at: null });
    expect(await shownLoan()).toMatchObject({ balance: '0', display_state: 'marked' });
    await desk.send();
    expect(events()).toEqual(['accept', 'mark', 'answer', 'resolve', 'notify', 'close']);
    const [resolved] = desk.consumer.received.filter(({ body }) => body.recipients !== undefined);
    expect(resolved?.body).toMatchObject({ text: 'You were right.' });
    expect(resolved?.body.categories).toContain('ACCOUNT_SUMMARY');
    expect(resolved?.body.recipients).toHaveLength(1);
    const after = await shownLoan();
    expect(after).toMatchObject({ balance: '0' });
    expect(after).not.toHaveProperty('marks');
  });

  it('of which the answer was on its way says that it was found wrong', async () => {
    const id = await answered();
    const handOn = await world.heldBack([shownLoan]);
    repair({ balance: '0' });
    await act(id, 'correction');
    await desk.send();
    const [record] = await handOn();
    expect(record).toMatchObject({ balance: '100', marks: [{ kind: 'bureau_note' }] });
  });

  it('is a deletion once the system reports it no more, and as it was it goes out to nobody', async () => {
    const id = await answered();
    const before = await traces();
    expect((await act(id, 'deletion')).body['code']).toBe('conflict');
    expect(await traces()).toEqual(before);
    const item = remove();
    expect((await act(id, 'deletion')).body).toMatchObject({ state: 'deleted' });
    world.held.push(item);
    expect(await shownLoan()).toBeUndefined();
    await desk.send();
    expect(await inState(id)).toBe('closed');
    expect(await shownLoan()).toBeUndefined();
    expect(oneOf(await world.shown(), 'loan-L2')).toBeDefined();
    await desk.deliver(desk.opening({ record: loan }).jws);
    await desk.send();
    expect(reasons()).toEqual(['no_such_item']);
  });

  it('does not keep out what the system says anew of it; that it came back is said', async () => {
    const id = await answered();
    const item = remove();
    await act(id, 'deletion');
    world.held.push({ ...item, balance: '7' } as CreditRecord);
    expect(await shownLoan()).toMatchObject({
      balance: '7',
      marks: [{ kind: 'bureau_note', text: 'reinserted after its deletion' }],
    });
  });

  it.each([
    ['correction', {}],
    ['deletion', {}],
  ])('is no %s while the system is away, and nothing is written', async (what, said) => {
    const id = await answered();
    repair({ balance: '0' });
    const before = await traces();
    world.system.quirks.code = '3001';
    expect((await act(id, what, said)).body['code']).toBe('unavailable');
    expect(await traces()).toEqual(before);
  });

  it('is no correction of fields here, and none before it is answered', async () => {
    const id = await taken();
    repair({ balance: '0' });
    const before = await traces();
    const asked = world.system.asked.length;
    expect((await act(id, 'correction')).body['code']).toBe('conflict');
    expect((await act(id, 'deletion')).body['code']).toBe('conflict');
    expect((await act(id, 'correction', { set: { balance: '0' } })).body['code']).toBe('bad_request');
    expect(world.system.asked.length).toBe(asked);
    expect(await traces()).toEqual(before);
  });

  it('that found nothing wrong takes the mark away', async () => {
    const id = await answered();
    await act(id, 'finding', { outcome: 'unfounded' });
    expect(await shownLoan()).toMatchObject({ display_state: 'marked' });
    await desk.send();
    expect(await states()).toEqual(['over']);
    expect(await shownLoan()).not.toHaveProperty('marks');
    await taken();
    expect(await shownLoan()).toMatchObject({ display_state: 'marked' });
  });

  it('that nobody could find out leaves a note for good', async () => {
    const id = await answered();
    await act(id, 'finding', { outcome: 'undetermined' });
    await desk.send();
    const record = await shownLoan();
    expect(record).toMatchObject({ marks: [{ kind: 'bureau_note' }] });
    expect(record).not.toHaveProperty('display_state');
  });

  it('comes where the person takes it back', async () => {
    const opened = desk.opening({ record: loan });
    await desk.deliver(opened.jws);
    await desk.deliver(desk.opening({ action: 'withdraw', opening: opened.digest }).jws);
    await desk.send();
    expect(events()).toEqual(['accept', 'mark', 'withdraw', 'notify', 'close']);
    expect(await shownLoan()).not.toHaveProperty('marks');
  });

  it('shows nothing of the record on its page, and where it lies', async () => {
    const id = await taken();
    expect(await showItem(desk.bureau, id)).toEqual({
      ...{ record: loan, kind: 'account', native: 'xiaomi', fields: [] },
    });
  });
});
