import { lockSubjectsExclusive } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { runInquiry } from '../fan-out/run-inquiry.ts';
import { findInquiry, openInquiry } from '../inquiries/open-inquiry.ts';
import { subject } from '../test-peers.ts';
import { createWorld, type World } from '../test-world.ts';
import { askLeave, release } from './release.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => await world.close());
afterEach(async () => {
  world.peers.bureaus.clear();
  world.peers.consumer = 'grant';
  world.members.set('abc-bank', {});
  await sql`DELETE FROM subject_status`.execute(world.broker.db);
});

/** What the status barrier records. */
async function stop(state: 'revoked' | 'paused' | 'frozen' | 'active', consent: string): Promise<void> {
  await transaction(world.broker.db, async (trx) => {
    await lockSubjectsExclusive(trx, [subject]);
    await sql`INSERT INTO subject_status (subject_ref, consent, state, sequence, status_digest)
      VALUES (${subject}, ${consent}, ${state}, 1, 'x')`.execute(trx);
  });
}

const leaves = async (): Promise<string[]> => {
  const { rows } = await sql<{ typ: string }>`SELECT typ FROM leaf_staging`.execute(world.broker.db);
  return rows.map(({ typ }) => typ);
};

/** An inquiry whose bureau answers only when `during` is done. */
async function answeredAfter(during: () => Promise<void>): Promise<string> {
  const [asked, until] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  world.peers.bureaus.set('central', [{ say: 'hold', asked: asked.resolve, until: until.promise }]);
  const key = await world.accepted();
  const running = runInquiry(world.broker, key);
  await asked.promise;
  await during();
  until.resolve();
  await running;
  return key;
}

const codes = { revoked: 'consent_revoked', paused: 'consent_paused', frozen: 'subject_frozen' } as const;

test.each(['revoked', 'paused', 'frozen'] as const)(
  'S36 %s while the bureaus answer: no report is made, and no leaf of one',
  async (state) => {
    const before = (await leaves()).filter((typ) => typ === 'report').length;
    const consent = state === 'frozen' ? '' : world.peers.consent.digest;
    const key = await answeredAfter(async () => {
      await stop(state, consent);
      world.peers.consumer = codes[state];
    });
    const row = await findInquiry(world.broker.db, key);
    expect([row?.state, row?.code]).toEqual(['refused', codes[state]]);
    expect((await leaves()).filter((typ) => typ === 'report')).toHaveLength(before);
    const reports = await world.broker.db
      .selectFrom('inquiry_report')
      .select('inquiry')
      .where('inquiry', '=', key)
      .execute();
    expect(reports).toEqual([]);
  },
);

test('S31 suspended while the bureaus answer: no report is made, and the inquiry has failed', async () => {
  const before = (await leaves()).filter((typ) => typ === 'report').length;
  const key = await answeredAfter(async () => world.members.set('abc-bank', { status: 'suspended' }));
  const row = await findInquiry(world.broker.db, key);
  expect([row?.state, row?.code]).toEqual(['failed', 'member_suspended']);
  expect((await leaves()).filter((typ) => typ === 'report')).toHaveLength(before);
});

test('a stop that the consumer service has lifted by then holds the report up, and no more', async () => {
  const consent = world.peers.consent.digest;
  const key = await answeredAfter(async () => await stop('paused', consent));
  expect((await findInquiry(world.broker.db, key))?.state).toBe('running');
  await runInquiry(world.broker, key);
  expect((await findInquiry(world.broker.db, key))?.state).toBe('running');
  await sql`UPDATE subject_status SET state = 'active', sequence = 2`.execute(world.broker.db);
  // The bureaus are asked again where nothing of the round was written; they answer with what they stored.
  world.clock.advance(30_000);
  await runInquiry(world.broker, key);
  expect((await findInquiry(world.broker.db, key))?.state).toBe('complete');
});

test('a consent that was resumed, and a stop of another consent, stop nothing', async () => {
  const key = await answeredAfter(async () => {
    await stop('active', world.peers.consent.digest);
    await stop('revoked', 'sha-256:another');
  });
  expect((await findInquiry(world.broker.db, key))?.state).toBe('complete');
});

/** Tries to hand out a finished report; `sent` says whether its first byte was. */
async function deliver(key: string, meanwhile: () => Promise<void>) {
  const row = await findInquiry(world.broker.db, key);
  if (!row) throw new Error('no inquiry');
  const inquiry = await openInquiry(world.broker, row);
  const leave = await askLeave(world.broker, inquiry);
  if ('refused' in leave) throw new Error('refused');
  await meanwhile();
  let sent = false;
  const code = await release(world.broker, inquiry, leave, () => (sent = true)).then(
    () => 'released',
    (error: unknown) => (error instanceof CausewayError ? error.code : 'failed'),
  );
  return [code, sent];
}

test('S36 stopped between grant and first byte: nothing is sent', async () => {
  const key = await answeredAfter(async () => undefined);
  expect(await deliver(key, async () => undefined)).toEqual(['released', true]);
  const stopped = async () => await stop('paused', world.peers.consent.digest);
  expect(await deliver(key, stopped)).toEqual(['consent_paused', false]);
});

test('S31 suspended between grant and first byte, here or at another process: nothing is sent', async () => {
  const key = await answeredAfter(async () => undefined);
  const suspended = async () => world.members.set('abc-bank', { status: 'suspended' });
  expect(await deliver(key, suspended)).toEqual(['member_suspended', false]);
  world.members.set('abc-bank', {});
  const adopted = async () => {
    await sql`INSERT INTO directory_state (version, head)
      VALUES (${world.members.view.version + 1}, '')`.execute(world.broker.db);
  };
  expect(await deliver(key, adopted)).toEqual(['not_ready', false]);
});
