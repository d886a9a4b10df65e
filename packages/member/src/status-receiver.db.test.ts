import { noFaults, systemRandom } from '@causeway/kernel';
import type { FaultPoint } from '@causeway/kernel';
import type { LeafOpening } from '@causeway/ledger';
import { digestOf, readUnverified, sha256Digest, sign, verify } from '@causeway/protocol';
import type { Ack, Digest, DirectoryView, UnsignedClaims } from '@causeway/protocol';
import {
  context,
  directoryWith,
  entryOf,
  fed,
  keyOf,
  now,
  otherSubject,
  subject,
} from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog, transaction } from '@causeway/service';
import type { Database } from '@causeway/service';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { withReceipts } from './leaves.ts';
import { startSequencer } from './sequencer.ts';
import type { Sequencer } from './sequencer.ts';
import { lockSubjectsShared, memberKey, subjectStopped } from './status-lock.ts';
import { createStatusReceiver } from './status-receiver.ts';

let server: TestDatabase;
let database: Database<unknown>;
let sequencer: Sequencer;
const log = createLog({ name: 't', level: 'silent' });
const clock = { wallMs: now * 1000, now: () => clock.wallMs, monotonic: () => clock.wallMs };
const consent = sha256Digest('consent');

beforeAll(async () => {
  server = await testDatabase({ migrations: 'bureau' });
  database = createDatabase({ url: server.url, name: 't', log });
  // So slow that nothing is placed but by the acks.
  sequencer = startSequencer({ pool: database.pool, clock, log, faults: noFaults, periodMs: 3_600_000 });
});
afterAll(async () => {
  await sequencer.stop();
  await database.close();
  await server.drop();
});

const directory = { current: directoryWith().view };

/** The bureau `central`, or another process of it. */
function receiver(parts: { at?: (point: FaultPoint) => void; take?: () => Promise<DirectoryView> } = {}) {
  return createStatusReceiver({
    ...{ fed, key: keyOf('central'), clock, random: systemRandom, db: database.db, sequencer },
    faults: parts.at === undefined ? noFaults : { at: parts.at },
    directory: { view: () => directory.current, take: parts.take ?? (async () => directory.current) },
  });
}

let sequence = 0;
const next = (): number => (sequence += 1);
const refs = (name: string): string => `s1.1.${sha256Digest(name).slice('sha-256:'.length)}`;

function status(claims: Partial<UnsignedClaims<'status'>> = {}, member = 'consumer'): string {
  const by = { key: keyOf(member), fed, clock, random: systemRandom };
  const action = claims.action ?? 'revoke';
  const cites = ['freeze', 'thaw', 'open', 'close'].includes(action) ? {} : { consent };
  const { aud = ['broker', 'central'], subject_refs = [subject], ...rest } = claims;
  const exp = now + 86_400;
  return sign('status', { aud, exp, action, subject_refs, sequence: next(), ...cites, ...rest }, by).jws;
}

const opening = (digest: Digest): LeafOpening => ({
  ...{ typ: 'disclosure', digest, inquiry: digest, use: 1, iss: 'central', aud: 'abc-bank' },
  ...{ at_ms: 1, outcome: 'answered' },
});

/** Commits a leaf as a release does, unless the subject is stopped. */
async function release(name: string, ref: string, during?: () => Promise<void>): Promise<boolean> {
  const { value } = await withReceipts(database.db, async (trx, stage) => {
    await lockSubjectsShared(trx, [ref]);
    await during?.();
    if ((await subjectStopped(trx, ref, consent)) !== undefined) return false;
    await stage(ref, opening(sha256Digest(name)));
    return true;
  });
  return value;
}

async function indexOf(name: string): Promise<number | undefined> {
  const { rows } = await database.pool.query<{ idx: number }>('SELECT idx FROM leaf WHERE digest = $1', [
    sha256Digest(name),
  ]);
  return rows[0]?.idx;
}

const ackOf = (jws: string, to = 'consumer'): Ack =>
  verify('ack', jws, context(to, { received: 'forwarded' })).claims;

async function written(): Promise<unknown> {
  const counts = ['received_status', 'received_head', 'subject_status', 'leaf', 'leaf_staging'].map(
    async (table) => {
      const found = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(
        database.db,
      );
      return [table, found.rows[0]?.n];
    },
  );
  return Object.fromEntries(await Promise.all(counts));
}

describe('a stop', () => {
  test('S36 waits for the releases under way: their leaves lie below the size in its ack', async () => {
    const ref = refs('under way');
    const [inside, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = release('under way', ref, async () => {
      inside.resolve();
      await letGo.promise;
    });
    await inside.promise;
    const acked = receiver().takeStatus(status({ subject_refs: [ref] }), 'consumer');
    await vi.waitFor(async () => expect(await waiting()).toBe(1));
    const later = release('later', ref);
    letGo.resolve();
    expect([await first, await later]).toEqual([true, false]);
    const { tree_size: size } = ackOf(await acked);
    expect(await indexOf('under way')).toBeLessThan(size);
    expect(await release('much later', ref)).toBe(false);
  });

  test('S36 places what was committed before it, also where another process is placing', async () => {
    const ref = refs('placing');
    expect(await release('before', ref)).toBe(true);
    const other = await database.pool.connect();
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock(1818583398)');
    const acked = receiver().takeStatus(status({ subject_refs: [ref] }), 'consumer');
    await vi.waitFor(async () => expect(await waiting()).toBe(1));
    await other.query('COMMIT');
    other.release();
    const { tree_size: size } = ackOf(await acked);
    expect(await indexOf('before')).toBeLessThan(size);
  });

  test('its ack cites it, to its signer, and has a leaf', async () => {
    const jws = status({ subject_refs: [refs('cited')] });
    const ack = await receiver().takeStatus(jws, 'consumer');
    expect(ackOf(ack)).toMatchObject({ iss: 'central', aud: 'consumer', status: digestOf(jws) });
    await sequencer.placeStaged();
    const { rows: leaves } = await database.pool.query('SELECT typ, aud FROM leaf WHERE digest = $1', [
      digestOf(ack),
    ]);
    expect(leaves).toEqual([{ typ: 'ack', aud: 'consumer' }]);
  });

  test('a freeze stops every reference of the subject under every consent', async () => {
    const both = [refs('resident'), refs('passport')];
    await receiver().takeStatus(status({ action: 'freeze', subject_refs: both }), 'consumer');
    for (const ref of both) expect(await release(ref, ref)).toBe(false);
    await receiver().takeStatus(status({ action: 'thaw', subject_refs: both }), 'consumer');
    for (const ref of both) expect(await release(`${ref} again`, ref)).toBe(true);
  });
});

describe('once', () => {
  test('S7 the same status brings the same bytes, many at once and again later', async () => {
    const jws = status({ subject_refs: [refs('once')] });
    const copies = Array.from({ length: 12 }, async () => await receiver().takeStatus(jws, 'consumer'));
    const [ack, ...others] = await Promise.all(copies);
    expect(new Set(others)).toEqual(new Set([ack]));
    const before = await written();
    clock.wallMs += 90_000_000;
    expect(await receiver().takeStatus(jws, 'consumer')).toBe(ack);
    clock.wallMs -= 90_000_000;
    expect(await written()).toEqual(before);
  });

  test('S7 another status under the same sequence is refused and changes nothing', async () => {
    const at = { subject_refs: [refs('conflict')], sequence: 7 };
    await receiver().takeStatus(status({ ...at, action: 'pause' }), 'consumer');
    const before = await written();
    const other = receiver().takeStatus(status({ ...at, action: 'resume' }), 'consumer');
    await expect(other).rejects.toMatchObject({ code: 'once_conflict' });
    expect(await written()).toEqual(before);
    expect(await release('conflict', refs('conflict'))).toBe(false);
  });

  test('a crash between stop and ack leaves the stop, and the status sent again brings an ack', async () => {
    const jws = status({ subject_refs: [refs('crash')] });
    const crash = (): never => {
      throw new Error('killed');
    };
    await expect(receiver({ at: crash }).takeStatus(jws, 'consumer')).rejects.toThrow('killed');
    expect(await release('crash', refs('crash'))).toBe(false);
    clock.wallMs += 60_000;
    expect(ackOf(await receiver().takeStatus(jws, 'consumer')).status).toBe(digestOf(jws));
    clock.wallMs -= 60_000;
  });
});

describe('order', () => {
  const action = fc.constantFrom('pause' as const, 'resume' as const);
  const whole = fc.constantFrom('freeze' as const, 'thaw' as const);
  const script = fc.record({
    actions: fc.array(fc.oneof(action, whole), { minLength: 1, maxLength: 6 }),
    revoked: fc.boolean(),
  });
  const shuffled = script.chain(({ actions, revoked }) => {
    const all = revoked ? [...actions, 'revoke' as const] : actions;
    return fc.record({
      sent: fc.constant(all),
      order: fc.shuffledSubarray(
        all.map((_, at) => at),
        { minLength: all.length, maxLength: all.length },
      ),
    });
  });

  test('whatever the order of arrival, the newest of each kind holds, a revocation for ever', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(shuffled, async ({ sent, order }) => {
        const ref = refs(`order ${(run += 1)}`);
        const signed = sent.map((one, at) => status({ action: one, subject_refs: [ref], sequence: at + 1 }));
        for (const at of order) await receiver().takeStatus(signed[at] ?? '', 'consumer');
        const stopped = await transaction(database.db, async (trx) => subjectStopped(trx, ref, consent));
        expect(stopped).toBe(expected(sent));
      }),
      { numRuns: 25 },
    );
  });

  function expected(sent: readonly string[]): string | undefined {
    if (sent.includes('revoke')) return 'revoked';
    if (sent.findLast((one) => one === 'pause' || one === 'resume') === 'pause') return 'paused';
    return sent.findLast((one) => one === 'freeze' || one === 'thaw') === 'freeze' ? 'frozen' : undefined;
  }
});

describe('refused, and nothing is written', () => {
  const late = { iat: now - 3 };
  const window = { lender: 'abc-bank', despite_freeze: 1, until: now + 60 };
  test.each<[string, () => string, string, string]>([
    ['S6 issued 3 s ago', () => status(late), 'consumer', 'time_window'],
    ['S6 issued 3 s ahead', () => status({ iat: now + 3 }), 'consumer', 'time_window'],
    ['S6 past its exp', () => status({ iat: now - 10, exp: now }), 'consumer', 'expired'],
    ['S9 addressed to others', () => status({ aud: ['broker', 'lotus'] }), 'consumer', 'audience_mismatch'],
    ['S10 sent by another than its signer', () => status(), 'broker', 'issuer_mismatch'],
    ['S4 signed by a broker', () => status({}, 'broker'), 'broker', 'key_use'],
    ['S4 an ack', () => ackStatement(), 'consumer', 'statement_type'],
    [
      'the receipt of an opened freeze',
      () => status({ action: 'open', opening: window }),
      'consumer',
      'statement_type',
    ],
    ['S3 one character changed', () => changed(status()), 'consumer', 'signature_invalid'],
  ])('%s', async (_what, make, peer, code) => {
    const jws = make();
    const before = await written();
    await expect(receiver().takeStatus(jws, peer)).rejects.toMatchObject({ code });
    expect(await written()).toEqual(before);
  });

  const changed = (jws: string): string => {
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const claims = readUnverified(jws).claims as object;
    const other = { ...claims, subject_refs: [otherSubject] };
    return [header, Buffer.from(JSON.stringify(other)).toString('base64url') || payload, signature].join('.');
  };
  const ackStatement = (): string =>
    sign(
      'ack',
      { aud: 'central', exp: now + 60, status: consent, tree_size: 1 },
      { key: keyOf('broker'), fed, clock, random: systemRandom },
    ).jws;
});

describe('a directory that takes rights away', () => {
  const suspended = directoryWith([entryOf('evergreen', { status: 'suspended' })], 9);
  const take = async (): Promise<DirectoryView> => suspended.view;
  const head = suspended.head.jws;

  test('S31 waits for whoever works for a suspended lender, and for nobody else', async () => {
    const [inside, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const work = transaction(database.db, async (trx) => {
      await lockSubjectsShared(trx, [memberKey('evergreen')]);
      inside.resolve();
      await letGo.promise;
    });
    const other = await database.pool.connect();
    await other.query('BEGIN');
    await other.query(`SELECT pg_advisory_xact_lock_shared(hashtextextended($1, ${0x73746f70}))`, [
      memberKey('abc-bank'),
    ]);
    await inside.promise;
    let acked = false;
    const ack = receiver({ take }).takeDirectory(head, 'authority');
    void ack.then(() => (acked = true));
    await vi.waitFor(async () => expect(await waiting()).toBe(1));
    expect(acked).toBe(false);
    letGo.resolve();
    await work;
    expect(ackOf(await ack, 'authority').status).toBe(digestOf(head));
    await other.query('COMMIT');
    other.release();
  });

  test('S7 the same head brings the same bytes', async () => {
    const ack = await receiver({ take }).takeDirectory(head, 'authority');
    const before = await written();
    expect(await receiver({ take }).takeDirectory(head, 'authority')).toBe(ack);
    expect(await written()).toEqual(before);
  });

  test('a head that cannot be adopted is not acknowledged', async () => {
    const before = await written();
    const refuse = async (): Promise<never> => {
      throw new Error('not under our root');
    };
    const other = directoryWith([], 12).head.jws;
    await expect(receiver({ take: refuse }).takeDirectory(other, 'authority')).rejects.toThrow('our root');
    expect(await written()).toEqual(before);
  });
});

async function waiting(): Promise<number | null> {
  const text = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database =
    (SELECT oid FROM pg_database WHERE datname = current_database())`;
  return (await database.pool.query(text)).rowCount;
}
