import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { readUnverified, type Digest, type Grant, type PasskeyAssertion } from '@causeway/protocol';
import { softPasskey, type SoftPasskey } from '@causeway/protocol/passkey.fixture';
import { gb11643CheckDigit } from '@causeway/records/identifiers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listAccesses } from '../accesses/service.ts';
import { freeze } from '../freezes/service.ts';
import type { Decided } from '../grants/decide.ts';
import { added, refusalOnly } from '../test-rows.ts';
import { enrolled } from '../passkeys/test-browser.ts';
import { createWorld, refOf, type World } from '../test-world.ts';
import { assertReport } from './assert.ts';
import { beginReport } from './begin.ts';
import { forgetOwnReports, keptReport } from './repository.ts';
import { TestBroker } from './test-own-reports.ts';
import { listReports, readReport } from './view.ts';

let database: TestDatabase;
let world: World;
let broker: TestBroker;
let ref: string;
let passkey: SoftPasskey & { readonly enrolment: Digest };
let persons = 0;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  broker = new TestBroker(world);
  ({ passkey, ref } = await someone());
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

function person() {
  const first17 = `99000019780808${String((persons += 1)).padStart(3, '0')}`;
  return { scheme: 'gb11643', value: first17 + gb11643CheckDigit(first17) };
}

/** A person with a passkey in force. */
async function someone() {
  const identity = person();
  const soft = softPasskey(identity.value);
  const mine = await refOf(identity);
  const { enrolment } = await enrolled(world, { identity, ref: mine }, soft);
  return { ref: mine, passkey: { ...soft, enrolment } };
}

const begin = async () => await beginReport(broker.consumer, [ref]);
const sent = async (id: string, inquiry: string, by = passkey) =>
  await assertReport(broker.consumer, [ref], id, by.assert(inquiry as Digest));
const read = async (id: string, refs = [ref]) => await readReport(broker.consumer, refs, id);
const redeem = async (inquiry: string): Promise<Decided> =>
  await world.redemptions.redeem({ inquiry }, 'broker');

/** Asked for, and on its way. */
async function asked() {
  const { id, inquiry } = await begin();
  await sent(id, inquiry);
  await read(id);
  const jws = broker.taken.at(-1);
  if (jws === undefined) throw new Error('nothing was sent');
  return { id, inquiry, jws };
}

describe('a person’s own report', () => {
  test('is composed for all active bureaus; nobody is asked before the passkey has signed', async () => {
    const begun = await begin();
    expect(begun).toMatchObject({ number: 1, free_per_year: 2 });
    expect(begun.options).toMatchObject({
      challenge: begun.inquiry.slice('sha-256:'.length),
      allowCredentials: [{ id: passkey.credential_id }],
      userVerification: 'required',
    });
    expect(await read(begun.id)).toMatchObject({ state: 'composed' });
    expect(broker.taken).toEqual([]);
  });

  test('goes out with what the passkey signed, and is granted in full, also while frozen', async () => {
    await freeze(world.consumer, { subjectRef: ref });
    const { jws } = await asked();
    let decided: Decided | undefined;
    const adds = await added(world, async () => (decided = await redeem(jws)));
    expect(adds).toEqual({ basis_use: 1, grant_holder: 4, access: 1, leaf_staging: 4 });
    if (!decided || !('grants' in decided)) throw new Error('refused');
    const grants = decided.grants.map((grant) => readUnverified(grant).claims as Grant);
    expect(grants.map(({ aud }) => aud).toSorted()).toEqual(['broker', 'central', 'harbour', 'lotus']);
    for (const grant of grants) {
      expect(grant).toMatchObject({ basis: 'OWN_ENQUIRY', strength: 'passkey', use: 1 });
      expect(grant.categories).toEqual(expect.arrayContaining(['INQUIRY', 'SCORE', 'REPAYMENT_HISTORY']));
    }
    expect(decided.passkey).toMatchObject({
      enrolments: [{}],
      assertion: { credential_id: passkey.credential_id },
    });
    expect((await listAccesses(world.consumer, [ref], undefined)).items[0]).toMatchObject({
      ...{ lender: 'consumer', purpose: 'OWN_ENQUIRY', outcome: 'granted' },
      bureaus: ['central', 'harbour', 'lotus'],
    });
  });

  test('arrives verified, is shown for half an hour, and then only counts', async () => {
    const { id } = await asked();
    const shown = await read(id);
    expect(shown).toMatchObject({ state: 'ready', version: 1, report: { version: 1, conflicts: [] } });
    expect(shown.bureaus.map(({ bureau, state }) => [bureau, state])).toEqual([
      ...[
        ['central', 'not_found'] as const,
        ['harbour', 'not_found'] as const,
        ['lotus', 'not_found'] as const,
      ],
    ]);
    const box = await keptReport(world.consumer.db, { subject_ref: ref, id });
    expect(box?.toString('latin1')).not.toMatch(/eyJ|not_found/u);
    world.clock.advance(30 * 60_000);
    await forgetOwnReports(world.consumer.db, world.clock.now());
    expect(await read(id)).not.toHaveProperty('report');
    expect(await listReports(world.consumer, [ref])).toMatchObject({
      ...{ free_per_year: 2, used_this_year: 1, items: [{ id, state: 'ready' }] },
    });
  });

  test('is never refused by number: a third one is answered, counted and told', async () => {
    for (const n of [1, 2, 3]) {
      expect((await begin()).number).toBe(n);
      const { id } = await asked();
      expect(await read(id)).toMatchObject({ state: 'ready', number: n, free_per_year: 2 });
      world.clock.advance(1000);
    }
  });

  test('that its broker cannot take now is sent by the next look, once', async () => {
    const { id, inquiry } = await begin();
    broker.behaviour = 'away';
    await sent(id, inquiry);
    const bureaus = ['central', 'harbour', 'lotus'].map((bureau) => ({ bureau, state: 'waiting' }));
    expect(await read(id)).toMatchObject({ state: 'asserted', bureaus });
    broker.behaviour = 'runs';
    expect(await read(id)).toMatchObject({ state: 'sent', bureaus: [{ state: 'asking' }, {}, {}] });
    await read(id);
    expect(broker.taken).toHaveLength(1);
    broker.behaviour = 'answers';
    expect(await read(id)).toMatchObject({ state: 'ready' });
  });

  test('that was refused, or never left, does not count', async () => {
    broker.behaviour = { refuses: 'not_authorised' };
    const refused = await begin();
    await sent(refused.id, refused.inquiry);
    expect(await read(refused.id)).toMatchObject({ state: 'refused', code: 'not_authorised' });
    const late = await begin();
    broker.behaviour = 'away';
    await sent(late.id, late.inquiry);
    expect(await read(late.id)).toMatchObject({ state: 'asserted' });
    broker.behaviour = { refuses: 'time_window' };
    expect(await read(late.id)).toMatchObject({ state: 'refused', code: 'time_window' });
    expect(await listReports(world.consumer, [ref])).toMatchObject({ used_this_year: 0 });
  });

  test('S18 that is not the merge of its disclosures is not taken in', async () => {
    broker.behaviour = 'forges';
    const { id } = await asked();
    expect(await read(id)).toMatchObject({ state: 'sent' });
    expect(await keptReport(world.consumer.db, { subject_ref: ref, id })).toBeUndefined();
    world.clock.advance(91_000);
    expect(await read(id)).toMatchObject({ state: 'failed', code: 'link_mismatch' });
    expect(await keptReport(world.consumer.db, { subject_ref: ref, id })).toBeUndefined();
  });
});

describe('S16 nobody else gets it', () => {
  test('without a passkey nothing is begun', async () => {
    const stranger = await refOf(person());
    await expect(beginReport(broker.consumer, [stranger])).rejects.toMatchObject({ code: 'conflict' });
    expect(await listReports(world.consumer, [stranger])).toMatchObject({ items: [], used_this_year: 0 });
  });

  test('S54 another person’s report is absent: to read, and to sign', async () => {
    const { id } = await asked();
    const { passkey: theirs, ref: other } = await someone();
    const absent = '0199aaaa-0000-7000-8000-00000000000f';
    for (const at of [id, absent]) {
      await expect(read(at, [other])).rejects.toMatchObject({ code: 'not_found' });
      const assertion = theirs.assert(passkey.enrolment);
      await expect(assertReport(broker.consumer, [other], at, assertion)).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    expect(await listReports(world.consumer, [other])).toMatchObject({ items: [] });
  });

  const byAnother = async (inquiry: Digest) => (await someone()).passkey.assert(inquiry);

  test.each<[string, (inquiry: Digest) => PasskeyAssertion | Promise<PasskeyAssertion>]>([
    ['by another person’s passkey', byAnother],
    ['over anything else', () => passkey.assert(passkey.enrolment)],
    ['on the page of another', (inquiry) => passkey.assert(inquiry, { rpId: 'evil.example' })],
    ['without the person being verified', (inquiry) => passkey.assert(inquiry, { flags: 0x01 })],
  ])('an assertion %s is refused, and nothing goes out', async (_what, make) => {
    const { id, inquiry } = await begin();
    const assertion = await make(inquiry as Digest);
    await expect(assertReport(broker.consumer, [ref], id, assertion)).rejects.toMatchObject({
      code: 'assertion_invalid',
    });
    expect(await read(id)).toMatchObject({ state: 'composed' });
    expect(broker.taken).toEqual([]);
  });

  test('one that was used serves no second report, and no second time', async () => {
    const { id, inquiry } = await begin();
    const assertion = passkey.assert(inquiry as Digest);
    await assertReport(broker.consumer, [ref], id, assertion);
    await read(id);
    await assertReport(broker.consumer, [ref], id, assertion);
    await read(id);
    expect(broker.taken).toHaveLength(1);
    const next = await begin();
    await expect(assertReport(broker.consumer, [ref], next.id, assertion)).rejects.toMatchObject({
      code: 'assertion_invalid',
    });
  });

  test('one that comes too late is not taken, and what waited is forgotten', async () => {
    const { id, inquiry } = await begin();
    world.clock.advance(50_000);
    await expect(sent(id, inquiry)).rejects.toMatchObject({ code: 'conflict' });
    await forgetOwnReports(world.consumer.db, world.clock.now());
    await expect(read(id)).rejects.toMatchObject({ code: 'not_found' });
  });

  /** What is refused at redemption, and how: with one line in the history. */
  async function refusedAt(jws: string): Promise<string> {
    let decided: Decided | undefined;
    expect(await added(world, async () => (decided = await redeem(jws)))).toEqual(refusalOnly);
    if (!decided || 'grants' in decided) throw new Error('granted');
    return decided.code;
  }

  test('an inquiry that the passkey has not signed opens nothing, whoever made it', async () => {
    const cites = (cited: Digest) => ({
      ...{ subject_ref: ref, purpose: 'OWN_ENQUIRY' as const, basis: { code: 'OWN_ENQUIRY', cited } },
    });
    await asked();
    const ours = world.inquiry(cites(passkey.enrolment), 'consumer');
    expect(await refusedAt(ours.jws)).toBe('not_authorised');
    const lenders = world.inquiry(cites(passkey.enrolment));
    expect(await refusedAt(lenders.jws)).toBe('role_not_permitted');
  });
});
