import { sha256Digest, sign } from '@causeway/protocol';
import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { messageOf } from '../channels/message.ts';
import { channelsOf, type DuePush } from '../channels/repository.ts';
import { addChannel, confirmChannel, codeOf } from '../channels/service.ts';
import { exportParts } from '../export/parts.ts';
import { freeze } from '../freezes/service.ts';
import { listReceipts, readReceipt } from '../receipts/service.ts';
import { takeRefusal } from '../refusals/service.ts';
import { ask, createWorld, refOf, type World } from '../test-world.ts';
import { added } from '../test-rows.ts';
import { authorityEntry, warrantOf } from '../test-warrants.ts';
import { listActions } from '../adverse-actions/service.ts';
import { listAccesses } from './service.ts';
import { tellLateLines } from './tell-late.ts';

const dayMs = 86_400_000;
let database: TestDatabase;
let world: World;
/** Somebody new for each test. */
let person: { scheme: string; value: string };
let ref: string;
let persons = 0;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  world.nodes.reset();
  world.directory.entries.set('authority', authorityEntry());
  person = sandboxIdentifier(String((persons += 1)));
  ref = await refOf(person);
  await tellLateLines(world.consumer, world.clock.now());
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const redeem = async (jws: string) => await world.redemptions.redeem({ inquiry: jws }, 'broker');
const courtsInquiry = (by = 'authority') => {
  const basis = { code: 'JUDICIAL' as const, cited: warrantOf(world, { subject_ref: ref }).digest };
  return world.inquiry({ subject_ref: ref, purpose: 'JUDICIAL', basis }, by);
};
const loan = async (subject = person, change: object = {}) => {
  const { digest } = await world.consentOf(subject, change);
  const { purposes = [] } = change as { purposes?: ['LOAN_APPROVAL'] };
  const claims = { subject_ref: await refOf(subject), consent: digest };
  await redeem(world.inquiry({ ...claims, purpose: purposes[0] ?? 'LOAN_APPROVAL' }).jws);
};
const history = async (of = ref, cursor?: string) => await listAccesses(world.consumer, [of], cursor);
const purposes = async () => (await history()).items.map(({ purpose }) => purpose);
const ids = async (sql: string): Promise<string[]> =>
  (await world.consumer.pool.query<{ object: string }>(sql, [ref])).rows.map(({ object }) => object);
const events = async () =>
  await ids("SELECT object FROM subject_event WHERE subject_ref = $1 AND type = 'access'");
const pushes = async () => await ids("SELECT object FROM push WHERE of_ref = $1 AND about = 'access'");

/** A confirmed address of the person. */
async function channel(): Promise<string> {
  const { id } = await addChannel(world.consumer, ref, { kind: 'email', target: 'li.na@example.com' });
  const [row] = await channelsOf(world.consumer.db, [ref]);
  if (row === undefined) throw new Error('no channel');
  await confirmChannel(world.consumer, ref, { id, code: await codeOf(world.consumer, row) });
  return id;
}

async function told(object: string): Promise<string | undefined> {
  const [row] = await channelsOf(world.consumer.db, [ref]);
  const push = { subject_ref: ref, channel: row?.id, about: 'access', of_ref: ref, object } as DuePush;
  return row && (await messageOf(world.consumer, push, row))?.type;
}

describe('a line that a law keeps from its subject', () => {
  test('is nowhere before its day, and then in its place, with the reason', async () => {
    await channel();
    await loan();
    const court = courtsInquiry();
    await redeem(court.jws);
    world.clock.advance(60_000);
    await loan();
    expect(await purposes()).toEqual(['LOAN_APPROVAL', 'LOAN_APPROVAL']);
    expect([(await events()).length, (await pushes()).length]).toEqual([2, 2]);
    world.clock.advance(90 * dayMs - 60_001);
    await tellLateLines(world.consumer, world.clock.now());
    expect(await purposes()).toHaveLength(2);
    expect([(await events()).length, (await pushes()).length]).toEqual([2, 2]);
    world.clock.advance(1);
    const { items } = await history();
    expect(items.map(({ purpose }) => purpose)).toEqual(['LOAN_APPROVAL', 'JUDICIAL', 'LOAN_APPROVAL']);
    const late = items[1];
    expect(late).toMatchObject({
      ...{ at: '2026-11-22', inquiry: court.digest, bureaus: ['harbour'], outcome: 'granted' },
      embargo: { days: 90, rule: 'cn.purpose.judicial.embargo' },
    });
    expect(late?.embargo?.source).toMatch(/^proposal/u);
    // The id is of the beginning of that day: no clock time is in it.
    const ofId = Number.parseInt((late?.id ?? '').replace('-', '').slice(0, 12), 16);
    expect(ofId).toBe(Date.parse('2026-11-22T00:00:00+08:00'));
    const other = world.replica();
    await Promise.all(
      [world.consumer, other.consumer].map(async (at) => await tellLateLines(at, world.clock.now())),
    );
    await tellLateLines(world.consumer, world.clock.now());
    await other.close();
    expect((await events()).filter((id) => id === late?.id)).toHaveLength(1);
    expect((await pushes()).filter((id) => id === late?.id)).toHaveLength(1);
    expect(await told(late?.id ?? '')).toBe('history.first_reader');
  });

  test('is as absent as one that never was: as a cursor, in the export and in a count', async () => {
    const asked = world.inquiry(
      {
        ...{ subject_ref: ref, purpose: 'JUDICIAL' },
        basis: { code: 'JUDICIAL', cited: sha256Digest('no warrant') },
      },
      'authority',
    );
    expect(await redeem(asked.jws)).toMatchObject({ code: 'not_authorised' });
    await early(asked);
    const { rows } = await world.consumer.pool.query<{ id: string }>(
      'SELECT id FROM access WHERE subject_ref = $1',
      [ref],
    );
    expect(rows).toHaveLength(2);
    const before = await history();
    expect([before.items, before.next]).toEqual([[], undefined]);
    expect(before.shown_late).toEqual((await history('s1.1.nobody')).shown_late);
    for (const { id } of rows) {
      await expect(history(ref, id)).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await exported('accesses')).toEqual([]);
    expect(await exported('refusals')).toEqual([]);
    world.clock.advance(90 * dayMs);
    expect(await exported('accesses')).toHaveLength(2);
    expect(await exported('refusals')).toHaveLength(2);
    await expect(history(ref, rows[0]?.id)).resolves.toBeDefined();
  });

  /** The broker's own refusal of the same inquiry. */
  async function early({ digest, jws }: { digest: string; jws: string }): Promise<void> {
    const exp = Math.floor(world.clock.now() / 1000) + 600;
    const claims = {
      ...{ aud: 'authority', exp, inquiry: digest as never, code: 'not_authorised' as const },
      ...{ policy_version: 'v1', rules: [] },
    };
    await takeRefusal(
      world.consumer,
      { refusal: sign('refusal', claims, world.by('broker')).jws, inquiry: jws },
      'broker',
    );
  }

  const exported = async (part: string) => {
    const items: unknown[] = [];
    for await (const item of exportParts[part]?.(world.consumer, [ref]) ?? []) items.push(item);
    return items;
  };

  test('a freeze tells nobody that a bureau was asked which the person does not know of', async () => {
    await redeem(courtsInquiry().jws);
    const receipt = await freeze(world.consumer, { subjectRef: ref });
    const acked = await ids(
      "SELECT ack AS object FROM status_delivery WHERE subject_ref = $1 AND node = 'harbour'",
    );
    expect(acked).toEqual([expect.stringMatching(/^ey/u)]);
    const [line] = (await listReceipts(world.consumer, [ref], undefined)).items;
    for (const seen of [receipt, await readReceipt(world.consumer, [ref], line?.id ?? '')]) {
      expect(JSON.stringify(seen)).not.toContain('harbour');
      expect(seen).not.toHaveProperty('last_grant_expires_at');
      const [, payload = ''] = seen.receipt.split('.');
      expect(Buffer.from(payload, 'base64url').toString()).not.toContain('harbour');
    }
    const heard = "SELECT object FROM subject_event WHERE subject_ref = $1 AND type = 'acknowledgement'";
    expect(await ids(heard)).toHaveLength(receipt.acknowledgements.length);
    world.clock.advance(90 * dayMs);
    const later = await readReceipt(world.consumer, [ref], line?.id ?? '');
    expect(JSON.stringify(later)).toContain('harbour');
  });

  test('nobody counts as known by a look that the person has not been shown', async () => {
    await channel();
    await redeem(courtsInquiry().jws);
    const basis = {
      code: 'SUPERVISION' as const,
      cited: warrantOf(world, { subject_ref: ref, purpose: 'SUPERVISION' }).digest,
    };
    await redeem(world.inquiry({ subject_ref: ref, purpose: 'SUPERVISION', basis }, 'authority').jws);
    const [shown] = (await history()).items;
    expect(shown).toMatchObject({ purpose: 'SUPERVISION', lender: 'authority' });
    expect(await told(shown?.id ?? '')).toBe('history.first_reader');
    world.clock.advance(90 * dayMs);
    const late = (await history()).items.find(({ purpose }) => purpose === 'JUDICIAL');
    expect(await told(late?.id ?? '')).toBeUndefined();
    expect(await told(shown?.id ?? '')).toBe('history.first_reader');
  });

  test('what a lender decided on such an inquiry comes with it', async () => {
    const court = courtsInquiry();
    await redeem(court.jws);
    const action = { id: '0199aaaa-0000-7000-8000-0000000000b1', lender: 'authority', at_ms: 1 };
    await world.consumer.db
      .insertInto('adverse_action')
      .values({
        ...{ ...action, subject_ref: ref, inquiry: court.digest, report: court.digest },
        ...{ decision: 'declined', factors: ['x'], next_ms: null },
      })
      .execute();
    const count = async () => (await listActions(world.consumer, [ref], undefined)).items.length;
    expect(await count()).toBe(0);
    world.clock.advance(90 * dayMs);
    expect(await count()).toBe(1);
  });

  test('who may not ask for the purpose is shown at once', async () => {
    expect(await redeem(courtsInquiry('abc-bank').jws)).toMatchObject({ code: 'role_not_permitted' });
    const { items } = await history();
    expect(items).toMatchObject([{ purpose: 'JUDICIAL', lender: 'abc-bank', outcome: 'refused' }]);
    expect(items[0]).not.toHaveProperty('embargo');
    expect(items[0]?.at).toBe(new Date(world.clock.now()).toISOString());
  });

  test('S60 its day is written with it: nothing moves it afterwards', async () => {
    await redeem(courtsInquiry().jws);
    const app = await world.consumer.pool.connect();
    try {
      await app.query('BEGIN; SET LOCAL ROLE causeway_app');
      await expect(app.query('UPDATE access SET shown_from_ms = NULL')).rejects.toThrow('permission denied');
    } finally {
      await app.query('ROLLBACK');
      app.release();
    }
  });
});

test('for all lines and moments: the pages hold what is shown, once, in its order', async () => {
  const { db } = world.consumer;
  const line = fc.option(fc.integer({ min: 1, max: 20 }), { nil: null });
  const lines = fc.array(line, { maxLength: 140 });
  let subjects = 0;
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 0, max: 21 }), async (delays, passed) => {
      const subject = `s1.1.property-${(subjects += 1)}`;
      const nowMs = world.clock.now();
      const rows = delays.map((days, n) => ({
        ...{
          subject_ref: subject,
          at_ms: nowMs - passed * dayMs,
          lender: 'abc-bank',
          outcome: 'granted' as const,
        },
        ...{ id: `0199aaaa-0000-7000-8000-${String(n).padStart(12, '0')}`, purpose: 'JUDICIAL', code: null },
        ...{ categories: [], bureaus: [], inquiry: `i${n}`, use: 1, decided_by: 'consumer', leaf: `l${n}` },
        shown_from_ms: days === null ? null : nowMs + (days - passed) * dayMs,
        shown_as: null,
      }));
      if (rows.length > 0) await db.insertInto('access').values(rows).execute();
      const shown = rows.filter((_, n) => (delays[n] ?? 0) <= passed).map(({ id }) => id);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const { items, next } = await history(subject, cursor);
        seen.push(...items.map(({ id }) => id));
        cursor = next;
      } while (cursor !== undefined);
      expect(seen).toEqual(shown.toReversed());
    }),
    { numRuns: 25 },
  );
});

describe('a line on somebody because of what another applied for', () => {
  const product = { name: 'Home loan of Wang Wei', amount: '900000.00', currency: 'CNY' };

  test.each(['GUARANTOR_REVIEW', 'RELATED_PARTY_REVIEW'] as const)(
    '%s says in which capacity, and nothing of the other or of the loan',
    async (purpose) => {
      await loan(person, { purposes: [purpose], categories: ['ACCOUNT_SUMMARY'] });
      const [line] = (await history()).items;
      const named_as = purpose === 'GUARANTOR_REVIEW' ? 'guarantor' : 'related_party';
      expect(line).toMatchObject({ purpose, named_as, outcome: 'granted' });
      expect(Object.keys(line ?? {}).toSorted()).toEqual(
        [
          ...['id', 'at', 'named_as', 'lender', 'lender_name', 'purpose', 'categories', 'bureaus', 'outcome'],
          ...['inquiry', 'use', 'decided_by', 'leaf', 'ledger', 'proof', 'proof_absent'],
        ].toSorted(),
      );
    },
  );

  test('a request that declares the other’s loan is refused, and nothing is written', async () => {
    for (const purpose of ['GUARANTOR_REVIEW', 'RELATED_PARTY_REVIEW'] as const) {
      const adds = await added(world, async () => {
        const terms = { purposes: [purpose], categories: ['ACCOUNT_SUMMARY' as const], product };
        await expect(ask(world.consumer, ref, terms)).rejects.toMatchObject({
          ...{ code: 'bad_request', pointer: '/product' },
        });
      });
      expect(adds).toEqual({});
    }
    const { rowCount } = await world.consumer.pool.query(
      'SELECT FROM consent_request WHERE subject_ref = $1',
      [ref],
    );
    expect(rowCount).toBe(0);
    await expect(ask(world.consumer, ref, { product })).resolves.toMatchObject({ status: 'pending' });
  });

  test('a line on an enterprise is the enterprise’s, and not its legal representative’s', async () => {
    const enterprise = { scheme: 'gb32100', value: '91990000MA00000019' };
    const enterpriseRef = await refOf(enterprise);
    const cited = warrantOf(world, { subject_ref: enterpriseRef, purpose: 'SUPERVISION' }).digest;
    const basis = { code: 'SUPERVISION' as const, cited };
    const claims = { subject_ref: enterpriseRef, purpose: 'SUPERVISION' as const, basis };
    await redeem(world.inquiry(claims, 'authority').jws);
    expect((await history(enterpriseRef)).items).toMatchObject([{ purpose: 'SUPERVISION' }]);
    expect((await history()).items).toEqual([]);
  });
});
