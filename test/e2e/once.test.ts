import { generateKey, kidOf } from '@causeway/protocol';
import { Federation } from '@causeway/sandbox/federation';
import { enrolKey } from '@causeway/sandbox/officer-acts';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from './answers.ts';
import { onlyResult, present, redeemAsBroker } from './federation-call.ts';
import { InquiryDoor } from './inquiry-door.ts';
import { signRaw } from './raw-statement.ts';
import { queryDatabase } from './rows.ts';
import { overflowOf, twinOf } from './twin-signature.ts';
import { countsOf, NOBODY, refusedWriting } from './untouched.ts';

const replicas = { broker: 2 };
let federation: Federation;
let door: InquiryDoor;
/** Base URLs of the two processes. */
let brokers: string[];
const anotherKey = generateKey();

beforeAll(async () => {
  federation = await startTestFederation({ replicas });
  brokers = ['broker', 'broker-2'].map((name) => federation.instanceUrl(name));
  door = await InquiryDoor.open(federation);
  const enrolled = { member: 'abc-bank', key: anotherKey, use: ['inquiry'] };
  await enrolKey(federation.url('authority'), federation.ceremony, enrolled);
});
afterAll(() => stopTestFederation(federation));

/** Fifty copies at the same moment, every other one to the other process. */
const fifty = (jws: (at: number) => string): Promise<Answer[]> =>
  Promise.all(Array.from({ length: 50 }, (_, at) => door.send(jws(at), brokers[at % 2])));

/** The different answers, as the sender sees them. */
const distinct = (answers: Answer[]): string[] => [
  ...new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))),
];

type Added = Record<string, Record<string, number>>;

/** What an act added to every table of every member; leaves of renewed grants are not counted. */
async function added(act: () => Promise<unknown>): Promise<Added> {
  const members = Object.keys(NOBODY);
  const before = await countsOf(federation, members);
  await act();
  const after = await countsOf(federation, members);
  return Object.fromEntries(
    members.map((member) => {
      const rows = Object.entries(after[member] ?? {}).map(([table, n]) => [
        table,
        n - (before[member]?.[table] ?? 0),
      ]);
      const changed = rows.filter(([table, n]) => n !== 0 && !(member === 'consumer' && table === 'leaves'));
      return [member, Object.fromEntries(changed) as Record<string, number>];
    }),
  );
}

const usesOf = (digest: unknown) =>
  queryDatabase(federation, 'consumer', 'SELECT 1 FROM consent_use WHERE inquiry = $1', [digest]);

/** Sent fifty times, finished, and sent again after everything has been started anew. */
const known: { jws: string; answer: string } = { jws: '', answer: '' };

describe('copies of one inquiry', () => {
  test('S7 fifty at once at two brokers have the effect of one, and the same answer', async () => {
    const one = await added(() => door.accepted(door.sign(door.inquiry())));
    expect(one['central']).toEqual({ answer: 1, leaves: 1 });
    known.jws = door.sign(door.inquiry());
    let answers: Answer[] = [];
    const many = await added(async () => {
      answers = await fifty(() => known.jws);
      const view = await door.finished(String(answers[0]?.body['id']));
      expect([view.state, view.bureaus.length]).toEqual(['complete', 3]);
    });
    expect(many).toEqual(one);
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
    expect(distinct(answers)).toHaveLength(1);
    known.answer = distinct(answers)[0] ?? '';
    expect(await usesOf(answers[0]?.body['digest'])).toHaveLength(1);
  });

  test('S7 fifty more, when it is long finished, get the recorded answer and write nothing', async () => {
    const answers = await refusedWriting(federation, NOBODY, () => fifty(() => known.jws));
    expect(distinct(answers)).toEqual([known.answer]);
  });

  test('S7 fifty copies of what policy refuses get one signed refusal', async () => {
    const jws = door.sign(door.inquiry({ purpose: 'COLLECTION' }));
    const before = await countsOf(federation, ['broker', 'consumer']);
    const answers = await fifty(() => jws);
    const told = answers.map(({ status, code, body }) => [status, code, body['refusal']].join(' '));
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toMatch(/^403 purpose_not_permitted ey/);
    const lines = async () => (await countsOf(federation, ['consumer']))['consumer']?.['access'];
    const one = (before['consumer']?.['access'] ?? 0) + 1;
    await expect.poll(lines, { timeout: 20_000, interval: 100 }).toBe(one);
    const after = await countsOf(federation, ['broker']);
    expect(after['broker']?.['inquiry']).toBe((before['broker']?.['inquiry'] ?? 0) + 1);
  });

  test('S7 fifty redemptions spend one use, and fifty presentations release one disclosure', async () => {
    const jws = door.sign(door.inquiry());
    const copies = Array.from({ length: 50 }, () => jws);
    let redeemed: Awaited<ReturnType<typeof redeemAsBroker>>[] = [];
    const spent = await added(async () => {
      redeemed = await Promise.all(copies.map((copy) => redeemAsBroker(federation, copy)));
    });
    expect(spent['consumer']).toEqual({ consent_use: 1, grant_holder: 4, access: 1 });
    expect(new Set(redeemed.map(({ result }) => result.use)).size).toBe(1);
    const grant = redeemed[0]?.grant('lotus') ?? '';
    const item = { by: 'broker', to: 'lotus', inquiry: jws, grant };
    const released: (string | undefined)[] = [];
    const changes = await added(async () => {
      const calls = Array.from(
        { length: 50 },
        async () => onlyResult(await present(federation, item)).disclosure,
      );
      released.push(...(await Promise.all(calls)));
    });
    expect(changes['lotus']).toEqual({ answer: 1, leaves: 1 });
    expect([new Set(released).size, released[0]?.slice(0, 2)]).toEqual([1, 'ey']);
  });
});

describe('the once key', () => {
  test('S7 the same jti with other content is once_conflict at both, and changes nothing', async () => {
    const first = door.inquiry();
    await door.accepted(door.sign(first));
    const others = ['op-2', 'op-3'].map((operator) =>
      door.sign({ header: first.header, claims: { ...first.claims, operator } }),
    );
    const answers = await refusedWriting(federation, NOBODY, () =>
      fifty((at) => others[at % 4 < 2 ? 0 : 1] ?? ''),
    );
    const told = answers.map(({ status, code, pointers }) => [status, code, ...pointers].join(' '));
    expect(new Set(told)).toEqual(new Set(['409 once_conflict /jti']));
  });

  test('S7 two contents under one jti at the same moment: one of them, at both brokers', async () => {
    const { header, claims } = door.inquiry();
    const two = ['op-1', 'op-2'].map((operator) => door.sign({ header, claims: { ...claims, operator } }));
    const answers = await fifty((at) => two[at % 3 === 0 ? 1 : 0] ?? '');
    const byContent = [0, 1].map((which) => answers.filter((_, at) => (at % 3 === 0 ? 1 : 0) === which));
    const told = byContent.map((group) => [...new Set(group.map(({ status }) => status))].join());
    expect(told.toSorted((a, b) => a.localeCompare(b))).toEqual(['202', '409']);
    await door.finished(String(claims['jti']));
    expect(new Set(distinct(answers.filter(({ status }) => status === 202))).size).toBe(1);
  });

  test('S7 the same jti of another lender is another inquiry', async () => {
    const { claims } = door.inquiry();
    const key = federation.keys('evergreen').statement;
    const kid = kidOf('evergreen', { kty: key.kty, crv: key.crv, x: key.x });
    await door.accepted(door.sign(door.inquiry({ jti: claims['jti'] })));
    const header = { typ: 'causeway-inquiry+jws', alg: 'Ed25519', kid };
    const theirs = signRaw({ header, claims: { ...claims, iss: 'evergreen' } }, key);
    expect((await door.send(theirs)).status).toBe(202);
    await expect.poll(unfinished, { timeout: 30_000, interval: 100 }).toBe(0);
  });

  test('S8 another valid signature over the same content is the same inquiry', async () => {
    const jws = door.sign(door.inquiry());
    const twins = [jws, ...Array.from({ length: 9 }, () => twinOf(jws, door.key))];
    expect(new Set(twins).size).toBe(10);
    const change = await added(async () => {
      const answers = await fifty((at) => twins[at % twins.length] ?? '');
      expect(distinct(answers)).toEqual([expect.stringMatching(/^\[202,/)]);
      await door.finished(String(answers[0]?.body['id']));
    });
    expect(change['broker']?.['inquiry']).toBe(1);
    expect(change['central']).toEqual({ answer: 1, leaves: 1 });
    const later = await refusedWriting(federation, NOBODY, () => fifty(() => twinOf(jws, door.key)));
    expect(distinct(later)).toEqual([expect.stringMatching(/^\[202,/)]);
    expect(await door.refusals({ overflow: overflowOf(jws) })).toEqual({ overflow: '401 signature_invalid' });
  });

  test('S8 the same claims under another key of the lender are other content under a used jti', async () => {
    const { header, claims } = door.inquiry();
    await door.accepted(door.sign({ header, claims }));
    const { kty, crv, x } = anotherKey;
    const other = { ...header, kid: kidOf('abc-bank', { kty, crv, x }) };
    const elsewhere = signRaw({ header: other, claims: { ...claims, aud: 'lotus' } }, anotherKey);
    const knows = async () =>
      (await Promise.all(brokers.map((base) => door.send(elsewhere, base)))).map(({ code }) => code);
    const both = ['audience_mismatch', 'audience_mismatch'];
    await expect.poll(knows, { timeout: 20_000, interval: 200 }).toEqual(both);
    const resigned = signRaw({ header: other, claims }, anotherKey);
    expect(await door.refusals({ resigned })).toEqual({ resigned: '409 once_conflict /jti' });
  });

  test('S8 the same content under another jti is another inquiry', async () => {
    const { header, claims } = door.inquiry();
    const { claims: fresh } = door.inquiry();
    const change = await added(async () => {
      await door.accepted(door.sign({ header, claims }));
      await door.accepted(door.sign({ header, claims: { ...claims, jti: fresh['jti'] } }));
    });
    expect([change['broker']?.['inquiry'], change['consumer']?.['consent_use']]).toEqual([2, 2]);
  });
});

test('S7 after everything was stopped and started again, fifty copies get the recorded answer', async () => {
  const members = Object.keys(NOBODY);
  await expect.poll(unfinished, { timeout: 30_000, interval: 100 }).toBe(0);
  const before = await countsOf(federation, members);
  await federation.stop();
  const portBase = federation.ports.identityProvider;
  federation = await Federation.start({ home: federation.home, portBase, fsync: false, replicas });
  door = door.at(federation);
  expect(distinct(await fifty(() => known.jws))).toEqual([known.answer]);
  expect(distinct(await fifty(() => twinOf(known.jws, door.key)))).toEqual([known.answer]);
  expect(await countsOf(federation, members)).toEqual(before);
});

/** Inquiries and refusals that the broker still has to bring to an end. */
async function unfinished(): Promise<number> {
  const text =
    'SELECT ((SELECT count(*) FROM inquiry_outbox) + (SELECT count(*) FROM refusal_outbox))::int AS n';
  return (await queryDatabase<{ n: number }>(federation, 'broker', text))[0]?.n ?? 0;
}
