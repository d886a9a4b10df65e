import { CausewayError, readUnverified, sha256Digest, verify } from '@causeway/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createWorld, type World } from '../test-world.ts';
import { accept, judgeReceived } from './accept.ts';
import { laneOf } from './lane.ts';
import { takeDueWork } from './outbox.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => await world.close());

const codeOf = async (act: Promise<unknown>): Promise<string> => {
  try {
    await act;
    return 'nothing thrown';
  } catch (error) {
    return error instanceof CausewayError ? error.code : String(error);
  }
};

/** Runs `act` and tells what it added, table by table. */
async function added(act: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await world.rows();
  await act();
  const after = await world.rows();
  const changes = Object.entries(after).map(([table, n]) => [table, n - (before[table] ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, n]) => n !== 0));
}

describe('accept', () => {
  test('one transaction writes the inquiry, its leaf and its outbox row, and then it is queued', async () => {
    world.queued.length = 0;
    const change = await added(async () => await world.accepted());
    expect(change).toEqual({ inquiry: 1, inquiry_outbox: 1, leaf_staging: 1 });
    expect(world.queued).toHaveLength(1);
  });

  test.each([
    ['front', undefined, {}],
    ['batch', 'batch', {}],
    ['monitoring', undefined, { purpose: 'POST_LOAN' }],
  ] as const)('an inquiry of the lane %s is queued and remembered in it', async (lane, asked, change) => {
    world.queued.length = 0;
    const judgement = judgeReceived(world.broker, world.inquiry(change));
    const answer = await accept(world.broker, judgement, asked ?? laneOf(judgement.inquiry.claims));
    if ('refused' in answer) throw new Error(answer.refused.code);
    expect(world.queued.map((job) => job.lane)).toEqual([lane]);
    const row = await world.broker.db
      .selectFrom('inquiry_outbox')
      .where('inquiry', '=', answer.accepted.key)
      .select('lane')
      .executeTakeFirstOrThrow();
    expect(row.lane).toBe(lane);
  });

  test('S7: fifty copies at two processes are one inquiry with one answer', async () => {
    const jws = world.inquiry();
    const two = [world.broker, world.another()];
    const answers: unknown[] = [];
    const change = await added(async () => {
      const copies = Array.from({ length: 50 }, async (_, at) => await world.post(jws, two[at % 2]));
      answers.push(...(await Promise.all(copies)));
    });
    expect(change).toEqual({ inquiry: 1, inquiry_outbox: 1, leaf_staging: 1 });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test('S7: the same jti with other content is once_conflict and changes nothing', async () => {
    const { claims } = readUnverified(world.inquiry());
    const { jti } = claims as { jti: string };
    await world.accepted(world.inquiry({ jti }));
    const change = await added(async () => {
      expect(await codeOf(world.post(world.inquiry({ jti, operator: 'op-2' })))).toBe('once_conflict');
    });
    expect(change).toEqual({});
  });

  test('the same jti of another lender is another inquiry', async () => {
    const { claims } = readUnverified(world.inquiry());
    const { jti } = claims as { jti: string };
    const first = await world.accepted(world.inquiry({ jti }));
    const second = await world.accepted(world.inquiry({ jti }, 'evergreen'));
    expect(first).not.toBe(second);
  });

  test('a repeat after the time window gets the recorded answer, a new one does not', async () => {
    const jws = world.inquiry({ exp: inSeconds(86_000) });
    const never = world.inquiry({ exp: inSeconds(86_000) });
    const key = await world.accepted(jws);
    world.clock.advance(61_000);
    const change = await added(async () => {
      expect(await world.post(jws)).toMatchObject({ accepted: { key } });
      expect(await codeOf(world.post(never))).toBe('time_window');
    });
    expect(change).toEqual({});
  });

  test('the stored row holds no claim in clear', async () => {
    const key = await world.accepted(world.inquiry({ operator: 'op-secret-77' }));
    const row = await world.broker.db
      .selectFrom('inquiry')
      .selectAll()
      .where('inquiry', '=', key)
      .executeTakeFirstOrThrow();
    const text = JSON.stringify(row, (_, value: unknown) =>
      Buffer.isBuffer(value) ? value.toString('latin1') : value,
    );
    expect(text).not.toMatch(/op-secret-77|s1\.1\.|LOAN_APPROVAL|eyJ/u);
  });
});

const inSeconds = (lifeSeconds: number): number => Math.floor(world.clock.now() / 1000) + lifeSeconds;

describe('refused at the door, and nothing written', () => {
  const cases: [string, string, () => string][] = [
    ['addressed to another broker', 'audience_mismatch', () => world.inquiry({ aud: 'other-broker' })],
    ['issued 61 s ago', 'time_window', () => world.inquiry({ iat: inSeconds(-61) })],
    [
      'issued 61 s ahead',
      'time_window',
      () => world.inquiry({ iat: inSeconds(61), deadline: inSeconds(120) }),
    ],
    ['signed by a bureau', 'key_use', () => world.inquiry({}, 'central')],
    ['a profile that is not offered', 'bad_request', () => world.inquiry({ profile: 'score' })],
    ['sealed delivery', 'bad_request', () => world.inquiry({ delivery: 'sealed' })],
    ['nothing at all', 'statement_missing', () => ''],
    ['not a statement', 'statement_malformed', () => 'a.b'],
    ['a consent instead', 'statement_type', () => world.peers.consent.jws],
    ['one character of the signature changed', 'signature_invalid', () => flip(world.inquiry())],
  ];
  test.each(cases)('%s: %s', async (_, code, statement) => {
    world.queued.length = 0;
    const jws = statement();
    const change = await added(async () => {
      expect(await codeOf(world.post(jws))).toBe(code);
    });
    expect(change).toEqual({});
    expect(world.queued).toEqual([]);
  });

  test('a suspended member, with a good key or a revoked one', async () => {
    const jws = world.inquiry({}, 'evergreen');
    const change = await added(async () => {
      world.members.set('evergreen', { status: 'suspended' });
      expect(await codeOf(world.post(jws))).toBe('member_suspended');
      world.members.set('evergreen', { status: 'suspended', revoked: true });
      expect(await codeOf(world.post(jws))).toBe('member_suspended');
      world.members.set('evergreen', {});
    });
    expect(change).toEqual({});
  });
});

/** Changes one character in the middle of the signature. */
function flip(jws: string): string {
  const at = jws.lastIndexOf('.') + 20;
  return `${jws.slice(0, at)}${jws[at] === 'A' ? 'B' : 'A'}${jws.slice(at + 1)}`;
}

describe('early refusals', () => {
  const written = { inquiry: 1, leaf_staging: 2, refusal_outbox: 1 };

  test('policy refuses: recorded with a signed refusal and two leaves, never queued', async () => {
    world.queued.length = 0;
    const jws = world.inquiry({ purpose: 'COLLECTION' });
    let answer: Awaited<ReturnType<World['post']>> | undefined;
    expect(await added(async () => (answer = await world.post(jws)))).toEqual(written);
    expect(answer).toMatchObject({ refused: { code: 'purpose_not_permitted' } });
    expect(world.queued).toEqual([]);
    expect(refusalOf(answer).claims).toMatchObject({
      code: 'purpose_not_permitted',
      policy_version: 'cn-2026.4',
    });
  });

  test('S16 policy decides who may ask: the authority by its own purposes, others by theirs', async () => {
    const basis = { code: 'JUDICIAL', cited: sha256Digest('warrant') };
    const court = (member: string) =>
      world.inquiry({ purpose: 'JUDICIAL', basis, consent: undefined as never }, member);
    for (const jws of [world.inquiry({}, 'consumer'), world.inquiry({}, 'authority'), court('abc-bank')]) {
      let answer: Awaited<ReturnType<World['post']>> | undefined;
      expect(await added(async () => (answer = await world.post(jws)))).toEqual(written);
      expect(answer).toMatchObject({ refused: { code: 'role_not_permitted' } });
    }
    expect(await world.post(court('authority'))).toHaveProperty('accepted');
  });

  test('a repeat gets the very same refusal and adds nothing', async () => {
    const jws = world.inquiry({ purpose: 'COLLECTION' });
    const first = await world.post(jws);
    const change = await added(async () => expect(await world.post(jws)).toEqual(first));
    expect(change).toEqual({});
  });

  test('a statement signed by a revoked key of a known member is recorded as refused', async () => {
    const jws = world.inquiry({}, 'evergreen');
    world.members.set('evergreen', { revoked: true });
    let answer: Awaited<ReturnType<World['post']>> | undefined;
    expect(await added(async () => (answer = await world.post(jws)))).toEqual(written);
    expect(refusalOf(answer).claims.code).toBe('key_revoked');
    world.members.set('evergreen', {});
  });

  test('a revoked key cannot write history with a forged or foreign statement', async () => {
    const forged = flip(world.inquiry({}, 'evergreen'));
    const foreign = world.inquiry({ aud: 'other-broker' }, 'evergreen');
    world.members.set('evergreen', { revoked: true });
    const change = await added(async () => {
      expect(await codeOf(world.post(forged))).toBe('signature_invalid');
      expect(await codeOf(world.post(foreign))).toBe('audience_mismatch');
    });
    expect(change).toEqual({});
    world.members.set('evergreen', {});
  });

  function refusalOf(answer: Awaited<ReturnType<World['post']>> | undefined) {
    if (answer === undefined || !('refused' in answer)) throw new Error('not refused');
    const { keys } = world.members.view;
    const context = {
      keys,
      fed: 'test',
      nowMs: world.clock.now(),
      audience: 'any',
      received: 'first',
    } as const;
    return verify('refusal', answer.refused.refusal, { ...context, issuer: 'broker' });
  }
});

describe('the outbox', () => {
  beforeEach(async () => {
    await world.broker.db.deleteFrom('inquiry_outbox').execute();
  });

  test('the sweeper takes what is due, each row for one process, and leaves it in the outbox', async () => {
    const keys = [await world.accepted(), await world.accepted(), await world.accepted()];
    expect(await takeDueWork(world.broker.db, world.clock.now())).toEqual([]);
    world.clock.advance(3001);
    const now = world.clock.now();
    const taken = await Promise.all([
      takeDueWork(world.broker.db, now),
      takeDueWork(world.another().db, now),
    ]);
    expect(
      taken
        .flat()
        .map(({ inquiry }) => inquiry)
        .toSorted(),
    ).toEqual(keys.toSorted());
    expect(await takeDueWork(world.broker.db, now)).toEqual([]);
    expect((await world.rows())['inquiry_outbox']).toBe(3);
  });

  test('what is due in the background never hides what is due in front', async () => {
    for (let at = 0; at < 250; at += 1) {
      const judgement = judgeReceived(world.broker, world.inquiry());
      await accept(world.broker, judgement, 'batch');
    }
    const person = await world.accepted();
    world.clock.advance(3001);
    const taken = await takeDueWork(world.broker.db, world.clock.now());
    expect(taken.find(({ inquiry }) => inquiry === person)).toEqual({
      ...{ inquiry: person, lane: 'front', parked: false },
    });
    expect(taken.filter(({ lane }) => lane === 'batch')).toHaveLength(200);
  });
});
