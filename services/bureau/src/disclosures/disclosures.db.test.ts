import type { ClaimsOf } from '@causeway/protocol';
import { digestOf, sha256Digest, verify } from '@causeway/protocol';
import { directoryWith, entryOf, fed, otherSubject, subject } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { World } from '../test-world.ts';
import { account, claimsOf, createWorld } from '../test-world.ts';
import { purgeAnswers } from './repository.ts';

const CONSENT = sha256Digest('consent');
let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});

beforeEach(async () => {
  await world.reset();
  await world.store(subject, [
    account('a'),
    account('b', { category: 'ACCOUNT_DETAIL', overdue_terms: 3, history: { to: '2026-10', states: 'NN1' } }),
    { ...inquiryRecord },
  ]);
});

afterAll(async () => {
  await world.close();
  await database.drop();
});

const inquiryRecord = {
  ...({ record: 'inquiry', category: 'INQUIRY', record_id: 'inquiry-1', source_record_id: '1' } as const),
  ...({
    as_of: '2026-10-30',
    requester_ref: 'r',
    purpose: 'LOAN_APPROVAL',
    kind: 'hard',
    on: '2026-10-01',
  } as const),
};

const nothing = { answers: 0, leaves: 0 };

/** One inquiry under one good grant, as the broker sends it. */
async function askOnce(inquiry = world.inquiry()) {
  const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
  return { inquiry, result: results[0] ?? {} };
}

describe('a disclosure', () => {
  it('is signed to the lender within the granted categories, stored sealed and leafed', async () => {
    const { inquiry, result } = await askOnce();
    const { keys } = world.directory.current;
    const context = { keys, fed, nowMs: world.clock.now(), audience: 'abc-bank', received: 'first' } as const;
    const { claims, digest } = verify('disclosure', result.disclosure ?? '', context);
    expect(claims).toMatchObject({ iss: 'central', outcome: 'answered', inquiry: digestOf(inquiry), use: 1 });
    expect(claims).toMatchObject({ as_of: '2026-10-31', subject_ref: subject });
    expect(claims.records.map(({ source_record_id }) => source_record_id)).toEqual(['a']);
    const leaves = await world.pool.query('SELECT digest, typ, partition_key, outcome FROM leaf_staging');
    expect(leaves.rows).toEqual([{ digest, typ: 'disclosure', partition_key: subject, outcome: 'answered' }]);
    const stored = await world.pool.query<{ statement: Buffer }>('SELECT statement FROM answer');
    expect(stored.rows[0]?.statement.includes('ACCOUNT')).toBe(false);
    expect(world.log()).not.toContain(subject);
  });

  it('says empty for a known subject with nothing open, and not_found for an unknown one', async () => {
    const categories: ClaimsOf<'grant'>['categories'] = ['SCORE', 'IDENTITY'];
    const known = world.inquiry({ categories });
    const unknown = world.inquiry({ subject_ref: otherSubject });
    const { results } = await world.ask([
      { inquiry: known, grant: world.grant(known, { categories }) },
      { inquiry: unknown, grant: world.grant(unknown, { subject_ref: otherSubject }) },
    ]);
    const outcomes = results.map(({ disclosure }) => claimsOf('disclosure', disclosure ?? '').outcome);
    expect(outcomes).toEqual(['empty', 'not_found']);
  });

  it('S43 holds no field beyond the granted categories, whatever the inquiry asked for', async () => {
    const inquiry = world.inquiry({
      categories: ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'REPAYMENT_HISTORY', 'INQUIRY'],
    });
    const grant = world.grant(inquiry, { categories: ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL'] });
    const { results } = await world.ask([{ inquiry, grant }]);
    const { records } = claimsOf('disclosure', results[0]?.disclosure ?? '');
    expect(records.map((record) => record.record)).toEqual(['account', 'account']);
    expect(JSON.stringify(records)).not.toContain('history');
    expect(records[1]).toHaveProperty('overdue_terms', 3);
  });
});

describe('the same key again', () => {
  it('S15 gives the stored bytes under a renewed grant, with one answer and one leaf', async () => {
    const { inquiry, result } = await askOnce();
    world.clock.advance(20_000);
    const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
    expect(results[0]?.disclosure).toBe(result.disclosure);
    const { rows } = await world.pool.query('SELECT DISTINCT digest FROM leaf_staging');
    expect([rows.length, await world.count('answer')]).toEqual([1, 1]);
  });

  it('S15 gives one disclosure to many calls at once', async () => {
    const inquiry = world.inquiry();
    const calls = Array.from(
      { length: 12 },
      async () => await world.ask([{ inquiry, grant: world.grant(inquiry) }]),
    );
    const answers = await Promise.all(calls);
    expect(new Set(answers.map(({ results }) => results[0]?.disclosure)).size).toBe(1);
    expect(await world.count('answer')).toBe(1);
  });

  it('S7 takes the very same grant once more, even past its two seconds', async () => {
    const inquiry = world.inquiry();
    const grant = world.grant(inquiry);
    const first = await world.ask([{ inquiry, grant }]);
    world.clock.advance(8000);
    const again = await world.ask([{ inquiry, grant }]);
    expect(again.results).toEqual(first.results);
  });

  it('S15 counts another use as another answer', async () => {
    const inquiry = world.inquiry();
    const first = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
    const second = await world.ask([{ inquiry, grant: world.grant(inquiry, { use: 2 }) }]);
    expect(second.results[0]?.disclosure).not.toBe(first.results[0]?.disclosure);
    expect(await world.traces()).toEqual({ answers: 2, leaves: 2 });
  });

  it('brings nothing once the bytes were purged, an hour after the deadline; the digest stays', async () => {
    const { inquiry } = await askOnce(world.inquiry({ deadline: Math.floor(world.clock.now() / 1000) + 60 }));
    expect(await purgeAnswers(world.bureau.db, world.clock.now() + 3_659_000)).toBe(0);
    expect(await purgeAnswers(world.bureau.db, world.clock.now() + 3_660_000)).toBe(1);
    const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
    expect(results[0]?.error?.code).toBe('deadline_passed');
    const { rows } = await world.pool.query('SELECT digest IS NOT NULL AS kept, statement FROM answer');
    expect(rows).toEqual([{ kept: true, statement: null }]);
  });
});

describe('what does not belong together', () => {
  type Case = [string, string, (w: World) => { inquiry: string; grant: string; peer?: string }];
  const cases: Case[] = [
    ['S14 a grant for another bureau', 'audience_mismatch', (w) => of(w, { aud: 'lotus' })],
    ['S14 another presenter than the connection', 'identity_mismatch', (w) => of(w, { presenter: 'lotus' })],
    ['S9 a grant for another inquiry', 'link_mismatch', (w) => of(w, { inquiry: sha256Digest('other') })],
    ['S9 a grant for another subject', 'link_mismatch', (w) => of(w, { subject_ref: otherSubject })],
    ['S9 a grant under another consent', 'link_mismatch', (w) => of(w, { consent: sha256Digest('other') })],
    [
      'S43 a grant wider than the inquiry',
      'link_mismatch',
      (w) => of(w, { categories: ['ACCOUNT_SUMMARY', 'SCORE'] }),
    ],
    ['S41 a grant that has expired', 'expired', (w) => of(w, { iat: secondsOf(w) - 15 })],
    ['S6 a grant issued 3 s ago', 'time_window', (w) => of(w, { iat: secondsOf(w) - 3 })],
    ['S6 a grant issued 3 s ahead', 'time_window', (w) => of(w, { iat: secondsOf(w) + 3 })],
    ['S35 a grant that the lender signed itself', 'key_use', (w) => of(w, {}, 'abc-bank')],
    ['S4 an inquiry in place of the grant', 'statement_type', (w) => ({ ...of(w), grant: w.inquiry() })],
    ['S4 a grant in place of the inquiry', 'statement_type', (w) => ({ ...of(w), inquiry: of(w).grant })],
    ['S9 an inquiry to another broker', 'audience_mismatch', (w) => forOtherBroker(w)],
    ['S3 a flipped byte in the inquiry', 'signature_invalid', (w) => flipped(w)],
    ['S6 an inquiry past its exp', 'expired', (w) => pastInquiry(w)],
  ];

  it.each(cases)('%s is refused as %s, and nothing is written or released', async (_, code, make) => {
    const { peer, ...item } = make(world);
    const { results } = await world.ask([item], peer);
    expect(results).toEqual([{ error: expect.objectContaining({ code }) as object }]);
    expect(await world.traces()).toEqual(nothing);
  });

  it('S14 from a peer that is no broker is refused whole', async () => {
    const inquiry = world.inquiry();
    const answer = await world.ask([{ inquiry, grant: world.grant(inquiry) }], 'abc-bank');
    expect([answer.status, answer.code]).toEqual([403, 'role_not_permitted']);
    expect(await world.traces()).toEqual(nothing);
  });

  it('S31 from a suspended lender is refused', async () => {
    const inquiry = world.inquiry();
    world.directory.current = directoryWith([entryOf('abc-bank', { status: 'suspended' })]).view;
    const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
    expect(results[0]?.error?.code).toBe('member_suspended');
    expect(await world.traces()).toEqual(nothing);
  });
});

const secondsOf = (w: World) => Math.floor(w.clock.now() / 1000);

function of(w: World, change: Parameters<World['grant']>[1] = {}, issuer?: string) {
  const inquiry = w.inquiry();
  return { inquiry, grant: w.grant(inquiry, change, issuer) };
}

function forOtherBroker(w: World) {
  const inquiry = w.inquiry({ aud: 'lotus' });
  return { inquiry, grant: w.grant(inquiry) };
}

function pastInquiry(w: World) {
  const inquiry = w.inquiry();
  w.clock.advance(1_200_000);
  return { inquiry, grant: w.grant(inquiry) };
}

function flipped(w: World) {
  const { inquiry, grant } = of(w);
  const [head = '', payload = '', signature = ''] = inquiry.split('.');
  const text = Buffer.from(payload, 'base64url').toString('utf8').replace('op-1', 'op-2');
  return { grant, inquiry: `${head}.${Buffer.from(text).toString('base64url')}.${signature}` };
}

describe('a decision against', () => {
  it('S35 is signed, leafed and final: a renewed grant brings the same refusal', async () => {
    const inquiry = world.inquiry({ purpose: 'EMPLOYMENT' });
    const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
    const refusal = results[0]?.refusal ?? '';
    expect(claimsOf('refusal', refusal)).toMatchObject({
      aud: 'abc-bank',
      use: 1,
      code: 'purpose_not_permitted',
    });
    expect(await world.traces()).toEqual({ answers: 1, leaves: 1 });
    world.clock.advance(20_000);
    const again = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
    expect(again.results[0]?.refusal).toBe(refusal);
    expect(await world.traces()).toEqual({ answers: 1, leaves: 1 });
  });

  it.each([
    ['revoked', CONSENT],
    ['paused', CONSENT],
    ['frozen', ''],
    ['restricted', ''],
  ] as const)('S36 releases nothing once the barrier says %s', async (state, consent) => {
    await world.stop(subject, consent, state);
    const { result } = await askOnce();
    expect(result).toEqual({ refusal: expect.any(String) as string, code: 'not_authorised' });
    const { rows } = await world.pool.query('SELECT state, outcome FROM answer');
    expect(rows).toEqual([{ state: 'refused', outcome: 'not_authorised' }]);
  });

  it('S56 releases nothing to who opens a restriction like a freeze', async () => {
    const opened = async () => {
      const inquiry = world.inquiry();
      const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry, { despite_freeze: 1 }) }]);
      return results[0];
    };
    await world.stop(subject, '', 'frozen');
    expect(await opened()).toHaveProperty('disclosure');
    await world.pool.query('UPDATE subject_status SET restricts_from_ms = 1');
    const refused = await opened();
    expect(refused).toMatchObject({ code: 'not_authorised' });
    expect(refused).not.toHaveProperty('disclosure');
  });

  it('S36 gives the stored bytes to nobody after a stop', async () => {
    const { inquiry, result } = await askOnce();
    await world.stop(subject, CONSENT, 'revoked');
    const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
    expect(result.disclosure).toBeDefined();
    expect(results).toEqual([{ error: expect.objectContaining({ code: 'not_authorised' }) as object }]);
  });

  it('S41 past the deadline and its grace is a refusal', async () => {
    const inquiry = world.inquiry();
    world.clock.advance((60 + 900) * 1000);
    const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
    expect(results[0]?.code).toBe('deadline_passed');
  });

  it('waits for a stop that is being recorded, and obeys it', async () => {
    const client = await world.pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, $2))', [subject, 0x73746f70]);
    const asked = askOnce();
    await client.query(
      `INSERT INTO subject_status (subject_ref, consent, state, sequence, status_digest)
       VALUES ($1, '', 'frozen', 1, 'x')`,
      [subject],
    );
    await client.query('COMMIT');
    client.release();
    expect((await asked).result.code).toBe('not_authorised');
  });
});

describe('a batch', () => {
  it('answers each item by itself: one bad item fails alone', async () => {
    const good = world.inquiry();
    const other = world.inquiry({ jti: undefined } as object);
    const { results } = await world.ask([
      { inquiry: good, grant: world.grant(good) },
      { inquiry: 'garbage', grant: 'garbage' },
      { inquiry: other, grant: world.grant(good) },
      { inquiry: other, grant: world.grant(other) },
    ]);
    const shape = results.map((result) =>
      result.disclosure === undefined ? result.error?.code : 'disclosure',
    );
    expect(shape).toEqual(['disclosure', expect.any(String), 'link_mismatch', 'disclosure']);
    expect(await world.traces()).toEqual({ answers: 2, leaves: 2 });
  });

  it('S67 with an unknown member, or with none, is refused', async () => {
    const inquiry = world.inquiry();
    const item = { inquiry, grant: world.grant(inquiry), fields: '*' };
    expect((await world.ask([item])).status).toBe(400);
    expect((await world.ask([])).status).toBe(400);
    expect(await world.traces()).toEqual(nothing);
  });
});

describe('a directory that the grant names and the node does not have', () => {
  it('is fetched before anything is decided', async () => {
    const newer = directoryWith([], 8).view;
    const { bureau } = world;
    const directory = {
      ...bureau.directory,
      refresh: async () => {
        world.directory.current = newer;
      },
    };
    const other = await createWorld(database, { ...bureau, directory });
    const inquiry = world.inquiry();
    const { results } = await other.ask([{ inquiry, grant: world.grant(inquiry, { directory_version: 8 }) }]);
    expect(results[0]?.disclosure).toBeDefined();
    await other.close();
  });

  it('S30 and that cannot be fetched releases nothing', async () => {
    const inquiry = world.inquiry();
    const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry, { directory_version: 9 }) }]);
    expect(results[0]?.error?.code).toBe('not_ready');
    expect(await world.traces()).toEqual(nothing);
  });
});
