import { NATIONAL_POLICY, type PolicySet } from '@causeway/policy';
import {
  readUnverified,
  sha256Digest,
  sign,
  type Consent,
  type Refusal,
  type UnsignedClaims,
} from '@causeway/protocol';
import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { messageOf } from '../channels/message.ts';
import { channelsOf, takePushes } from '../channels/repository.ts';
import { addChannel, codeOf, confirmChannel } from '../channels/service.ts';
import { readRequest, rejectRequest } from '../consent-requests/service.ts';
import { listConsents } from '../consents/list.ts';
import { actOnConsent } from '../consents/stop-consent.ts';
import type { Consumer } from '../consumer.ts';
import { groupRedemptions } from '../grants/redemptions.ts';
import { listReceipts } from '../receipts/service.ts';
import { added } from '../test-rows.ts';
import { ask, createWorld, refOf, type World } from '../test-world.ts';
import { beginAssisted } from './begin.ts';
import { completeAssisted } from './complete.ts';

let database: TestDatabase;
let world: World;
/** The service under a policy that has it on, and takes it for loans alone. */
let consumer: Consumer;
let person: ReturnType<typeof sandboxIdentifier>;
let ref: string;
let people = 0;
const objectionMs = 72 * 3_600_000;

const allowing: PolicySet = {
  ...NATIONAL_POLICY,
  parameters: { ...NATIONAL_POLICY.parameters, assisted_consent: { on: true, objection_h: 72 } },
  purposes: NATIONAL_POLICY.purposes.map((rule) =>
    rule.purpose === 'LOAN_APPROVAL' ? { ...rule, strength_min: 'assisted' } : rule,
  ),
};

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  consumer = { ...world.consumer, policy: allowing };
});
beforeEach(async () => {
  world.nodes.reset();
  person = sandboxIdentifier(String((people += 1)));
  ref = await refOf(person);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

/** A webhook of the person's own, confirmed by them. */
async function confirmedChannel(): Promise<void> {
  const target = `https://hooks.example/${people}`;
  const { id } = await addChannel(consumer, ref, { kind: 'webhook', target });
  const [row] = await channelsOf(consumer.db, [ref]);
  if (row === undefined) throw new Error('no channel');
  await confirmChannel(consumer, ref, { id, code: await codeOf(consumer, row) });
  await told();
}

/** What is told over the person's channels since the last look. */
async function told() {
  const pushes = (await takePushes(consumer.db, world.clock.now() + 1, 100)).filter(
    ({ subject_ref }) => subject_ref === ref,
  );
  const [channel] = await channelsOf(consumer.db, [ref]);
  if (channel === undefined) return [];
  return await Promise.all(pushes.map(async (push) => await messageOf(consumer, push, channel)));
}

type Change = Partial<UnsignedClaims<'assistance'>>;
const statement = (asked: { id: string; form_digest: string }, change: Change = {}, lender = 'abc-bank') =>
  sign(
    'assistance',
    {
      ...{ aud: 'consumer', exp: Math.floor(world.clock.now() / 1000) + 3600, request: asked.id },
      ...{ form_digest: asked.form_digest as never, channel: 'branch', officers: ['wu', 'zhao'], ...change },
    },
    world.by(lender),
  ).jws;
const begin = async (jws: string, lender = 'abc-bank', by = consumer) => await beginAssisted(by, lender, jws);
const bring = async (id: string, code: string, lender = 'abc-bank', by = consumer) =>
  await completeAssisted(by, lender, { id, code });
const codeOfError = async (act: Promise<unknown>): Promise<unknown> =>
  await act.then(
    () => 'done',
    (error: unknown) => (error as { code?: unknown }).code,
  );
const sentCode = async (): Promise<string> =>
  (await told()).find((message) => message?.type === 'consent.assisted_code')?.code ?? 'none';
const other = (code: string): string => String((Number(code) + 1) % 100_000_000).padStart(8, '0');
/** A consent with assistance to a request of today. */
async function assisted() {
  await confirmedChannel();
  const asked = await ask(consumer, ref);
  const { id } = await begin(statement(asked));
  return { asked, begun: id, ...(await bring(id, await sentCode())) };
}
async function redeem(digest: string) {
  const { jws } = world.inquiry({ subject_ref: ref, consent: digest as never });
  const answer = await groupRedemptions(consumer).redeem({ inquiry: jws }, 'broker');
  if (!('refusal' in answer)) return 'granted';
  return (readUnverified(String(answer.refusal)).claims as Refusal).code;
}

describe('a consent with assistance', () => {
  test('is signed with the code, says what it rests on, and the person is told', async () => {
    const { asked, id, valid_from } = await assisted();
    expect(Date.parse(valid_from)).toBe(world.clock.now() + objectionMs);
    expect(await told()).toMatchObject([{ type: 'consent.assisted' }]);
    const { items } = await listConsents(consumer, [ref], undefined);
    expect(items).toMatchObject([{ id, strength: 'assisted', state: 'waiting', valid_from }]);
    const receipts = await listReceipts(consumer, [ref], undefined);
    expect(receipts.items).toMatchObject([
      { change: 'given', consent: id, at: new Date(world.clock.now()).toISOString() },
    ]);
    const row = await consumer.db
      .selectFrom('consent')
      .selectAll()
      .where('request', '=', asked.id)
      .executeTakeFirstOrThrow();
    expect(row.valid_until_ms - row.valid_from_ms).toBe(30 * 86_400_000);
  });

  test('releases nothing before the objection period has ended, and then as any other', async () => {
    const { id } = await assisted();
    const { items } = await listConsents(consumer, [ref], undefined);
    const digest = items.find((one) => one.id === id)?.digest ?? '';
    expect(await redeem(digest)).toBe('not_authorised');
    world.clock.advance(objectionMs - 1000);
    expect(await redeem(digest)).toBe('not_authorised');
    world.clock.advance(1000);
    expect(await redeem(digest)).toBe('granted');
  });

  test('is objected to as any consent is withdrawn, and never comes to be valid', async () => {
    const { id } = await assisted();
    const { items } = await listConsents(consumer, [ref], undefined);
    await actOnConsent(consumer, { action: 'revoke', id }, { subjectRef: ref });
    world.clock.advance(objectionMs);
    expect(await redeem(items[0]?.digest ?? '')).toBe('consent_revoked');
  });

  test('is no ground where policy asks for more, whoever has signed it', async () => {
    const { id } = await assisted();
    const { items } = await listConsents(consumer, [ref], undefined);
    world.clock.advance(objectionMs);
    const { jws } = world.inquiry({
      subject_ref: ref,
      consent: items.find((one) => one.id === id)?.digest as never,
    });
    const answer = await world.redemptions.redeem({ inquiry: jws }, 'broker');
    expect(answer).toHaveProperty('refusal');
  });

  test('the same statement and code again bring the same, and nothing more is written', async () => {
    await confirmedChannel();
    const asked = await ask(consumer, ref);
    const jws = statement(asked);
    const begun = await begin(jws);
    expect(await begin(jws)).toEqual(begun);
    const code = await sentCode();
    const given = await bring(begun.id, code);
    expect(await added(world, async () => expect(await bring(begun.id, code)).toEqual(given))).toEqual({});
  });
});

describe('no code but the person’s own', () => {
  test('the lender learns nothing of who stands behind a reference', async () => {
    const asked = await ask(consumer, ref);
    const begun = await begin(statement(asked));
    await confirmedChannel();
    expect(await told()).toEqual([]);
    const known = await begin(statement(await ask(consumer, ref)));
    expect(Object.keys(begun)).toEqual(Object.keys(known));
    expect(await codeOfError(bring(begun.id, '00000000'))).toBe('bad_request');
    expect(await codeOfError(bring(known.id, other(await sentCode())))).toBe('bad_request');
  });

  test('five wrong ones, or a quarter of an hour, and the right one is none any more', async () => {
    await confirmedChannel();
    const tried = await begin(statement(await ask(consumer, ref)));
    const code = await sentCode();
    const late = await begin(statement(await ask(consumer, ref)));
    const lateCode = await sentCode();
    const rows = await added(world, async () => {
      for (let n = 0; n < 5; n += 1)
        expect(await codeOfError(bring(tried.id, other(code)))).toBe('bad_request');
      expect(await codeOfError(bring(tried.id, code))).toBe('conflict');
      world.clock.advance(15 * 60_000);
      expect(await codeOfError(bring(late.id, lateCode))).toBe('conflict');
    });
    expect(rows).toEqual({});
  });

  test('of another lender’s assistance, or of none', async () => {
    await confirmedChannel();
    const { id } = await begin(statement(await ask(consumer, ref)));
    const code = await sentCode();
    const rows = await added(world, async () => {
      expect(await codeOfError(bring(id, code, 'evergreen'))).toBe('not_found');
      expect(await codeOfError(bring('01a1ee56-5e00-7eb3-a481-99ce1cecb69a', code))).toBe('not_found');
    });
    expect(rows).toEqual({});
  });

  test('where the person has said no meanwhile', async () => {
    await confirmedChannel();
    const asked = await ask(consumer, ref);
    const { id } = await begin(statement(asked));
    await rejectRequest(consumer, [ref], asked.id);
    const code = await sentCode();
    const rows = await added(world, async () => expect(await codeOfError(bring(id, code))).toBe('conflict'));
    expect(rows).toEqual({});
  });
});

describe('refused, and nothing is written or sent', () => {
  const refused = async (act: () => Promise<unknown>) => {
    let code: unknown;
    const rows = await added(world, async () => (code = await codeOfError(act())));
    expect(rows).toEqual({});
    const begun = await consumer.db
      .selectFrom('assisted_consent')
      .select('id')
      .where('subject_ref', '=', ref)
      .execute();
    return [code, begun.length, await told()];
  };

  test('unless policy has turned it on', async () => {
    expect(NATIONAL_POLICY.parameters.assisted_consent.on).toBe(false);
    await confirmedChannel();
    const asked = await ask(consumer, ref);
    const off = world.consumer;
    expect(await refused(async () => await begin(statement(asked), 'abc-bank', off))).toEqual([
      'assistance_off',
      0,
      [],
    ]);
    const id = '01a1ee56-5e00-7eb3-a481-99ce1cecb69a';
    expect(await codeOfError(bring(id, '00000000', 'abc-bank', off))).toBe('assistance_off');
  });

  test.each<[string, Change, string]>([
    ['on another form', { form_digest: sha256Digest('another') }, 'link_mismatch'],
    ['for a request that there is not', { request: '01a1ee56-5e00-7eb3-a481-99ce1cecb69a' }, 'not_found'],
    ['to another member', { aud: 'broker' }, 'audience_mismatch'],
    ['that is too old', { iat: Date.UTC(2026, 10, 22, 8) / 1000 - 900 }, 'time_window'],
  ])('a statement %s', async (_what, change, code) => {
    await confirmedChannel();
    const asked = await ask(consumer, ref);
    expect(await refused(async () => await begin(statement(asked, change)))).toEqual([code, 0, []]);
  });

  test('of another lender, or about another lender’s request', async () => {
    await confirmedChannel();
    const asked = await ask(consumer, ref);
    const foreign = statement(asked, {}, 'evergreen');
    expect(await refused(async () => await begin(foreign))).toEqual(['issuer_mismatch', 0, []]);
    expect(await refused(async () => await begin(foreign, 'evergreen'))).toEqual(['not_found', 0, []]);
  });

  test('for a purpose that takes no such consent', async () => {
    await confirmedChannel();
    const asked = await ask(consumer, ref, { purposes: ['CARD_APPROVAL'] });
    expect(await refused(async () => await begin(statement(asked)))).toEqual([
      'purpose_not_permitted',
      0,
      [],
    ]);
  });

  test('by one officer, or by paper without its scan', () => {
    const asked = { id: '01a1ee56-5e00-7eb3-a481-99ce1cecb69a', form_digest: sha256Digest('form') };
    const wrong: Change[] = [
      ...[{ officers: ['wu'] }, { officers: ['wu', 'wu'] }, { channel: 'paper' as const }],
      { channel: 'call', scan: sha256Digest('scan') },
    ];
    for (const change of wrong) expect(() => statement(asked, change)).toThrow(/officers|scan/u);
  });

  test('a fourth time for one request', async () => {
    const asked = await ask(consumer, ref);
    for (let n = 0; n < 3; n += 1) await begin(statement(asked));
    expect(await codeOfError(begin(statement(asked)))).toBe('rate_limited');
  });
});

test('the consent that is signed names the statement of the officers as its evidence', async () => {
  await confirmedChannel();
  const asked = await ask(consumer, ref);
  const jws = statement(asked, { channel: 'paper', scan: sha256Digest('scan') });
  const { id } = await begin(jws);
  await bring(id, await sentCode());
  const row = await consumer.db
    .selectFrom('assisted_consent')
    .select(['digest', 'consent'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const read = (await readRequest(consumer, 'abc-bank', asked.id)) as { consent?: string };
  expect(readUnverified(String(read.consent)).claims as Consent).toMatchObject({
    ...{ strength: 'assisted', evidence_digest: row.digest, grantor: { role: 'self' } },
    jti: row.consent,
  });
});
