import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { CausewayError, digestOf, verify, type Ack } from '@causeway/protocol';
import { PeerFailure } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { actOnConsent, type ConsentAction, type StoppedConsent } from '../consents/stop-consent.ts';
import type { Consumer } from '../consumer.ts';
import { added } from '../test-rows.ts';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { sendDue } from './spread.ts';

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  // What earlier tests have left unacknowledged is acknowledged now.
  world.nodes.reset();
  world.clock.advance(61_000);
  await sendDue(world.consumer);
  world.nodes.reset();
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const lina = await refOf(persons.lina);
const wang = await refOf(persons.wang);
const terms = { fetch: 'periodic', max_uses: 50 } as const;

const act = async (action: ConsentAction, id: string, subjectRef = lina, by = world.consumer) =>
  await actOnConsent(by, { action, id }, { subjectRef });
const redeem = async (jws: string) => await world.redemptions.redeem({ inquiry: jws }, 'broker');
const inquiry = (consent: string, subjectRef = lina) =>
  world.inquiry({ subject_ref: subjectRef, consent: consent as never }).jws;

/** What a node does that does not answer: time passes. */
async function silent(): Promise<never> {
  world.clock.advance(5000);
  throw new PeerFailure('timeout');
}

/** A consent at both bureaus, with a live grant at each and at the broker. */
async function granted() {
  const consent = await world.consentOf(persons.lina, terms);
  const jws = inquiry(consent.digest);
  await redeem(jws);
  return { ...consent, jws };
}

const nodesOf = ({ acknowledgements }: StoppedConsent): string[] => acknowledgements.map(({ node }) => node);

function ackClaims(jws: string): Ack {
  const { keys } = world.consumer.directory();
  const context = { keys, fed: 'test', nowMs: world.clock.now(), audience: 'consumer' };
  return verify('ack', jws, { ...context, received: 'forwarded' }).claims;
}

describe('a revocation', () => {
  test('S36 returns with the acks of all who could still release, node by node', async () => {
    const { digest, id } = await granted();
    const receipt = await act('revoke', id);
    expect(nodesOf(receipt)).toEqual(['broker', 'central', 'lotus', 'other-broker']);
    expect(receipt.waiting).toEqual([]);
    for (const { ack, acked_at, node, tree_size } of receipt.acknowledgements) {
      expect(ackClaims(ack)).toMatchObject({ iss: node, tree_size, status: digestOf(receipt.receipt) });
      expect(acked_at).toBe(new Date(world.clock.now()).toISOString());
    }
    for (const node of nodesOf(receipt)) {
      expect(world.nodes.taken(node)).toMatchObject([
        { action: 'revoke', subject_refs: [lina], consent: digest },
      ]);
    }
  });

  test('S36 no grant is given from its commit on, though nobody has acknowledged yet', async () => {
    const { digest, id } = await granted();
    const codes: unknown[] = [];
    const ask = async (status: string): Promise<string> => {
      codes.push(await redeem(inquiry(digest)));
      return world.nodes.take('central', status);
    };
    world.nodes.node('central').behaviour = ask;
    await act('revoke', id);
    expect(codes).toMatchObject([{ code: 'consent_revoked' }]);
  });

  test('S36 waits for redemptions under way, and reaches whoever they gave grants to', async () => {
    const { digest, id } = await world.consentOf(persons.lina, terms);
    const [inside, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = world.replica({
      faults: {
        at: async (point) => {
          if (point !== 'grants-decided') return;
          inside.resolve();
          await letGo.promise;
        },
      },
    });
    const redeemed = slow.redemptions.redeem({ inquiry: inquiry(digest) }, 'broker');
    await inside.promise;
    const revoked = act('revoke', id);
    letGo.resolve();
    expect(await redeemed).toMatchObject({ use: 1 });
    const receipt = await revoked;
    expect(receipt.last_grant_expires_at).toBeDefined();
    expect(nodesOf(receipt)).toEqual(['broker', 'central', 'lotus', 'other-broker']);
    expect(await redeem(inquiry(digest))).toMatchObject({ code: 'consent_revoked' });
    await slow.close();
  });

  test('again brings the same receipt, writes nothing and asks nobody', async () => {
    const { id } = await granted();
    const first = await act('revoke', id);
    const asked = world.nodes.node('central').arrived.length;
    let again: StoppedConsent | undefined;
    expect(await added(world, async () => (again = await act('revoke', id)))).toEqual({});
    expect(again).toEqual(first);
    expect(world.nodes.node('central').arrived).toHaveLength(asked);
  });

  test('S89 works without a directory in force', async () => {
    const { id } = await granted();
    const { directory } = world.consumer;
    const away: Consumer = {
      ...world.consumer,
      directory: () => {
        throw new CausewayError('not_ready');
      },
    };
    for (const node of ['broker', 'central', 'lotus']) world.nodes.node(node).behaviour = silent;
    const receipt = await act('revoke', id, lina, away);
    for (const node of ['broker', 'central', 'lotus']) world.nodes.node(node).behaviour = 'acks';
    expect([receipt.status, receipt.waiting]).toEqual(['revoked', ['broker', 'central', 'lotus']]);
    world.clock.advance(60_000);
    await sendDue({ ...away, directory });
    expect((await act('revoke', id)).waiting).toEqual([]);
  });
});

describe('a node that does not acknowledge', () => {
  test('S36 is waited for until the last grant that it may hold has ended, plus 4 s', async () => {
    const { id } = await granted();
    const startMs = world.clock.now();
    world.nodes.node('lotus').behaviour = silent;
    const receipt = await act('revoke', id);
    expect(receipt.waiting).toEqual(['lotus']);
    expect(nodesOf(receipt)).toEqual(['broker', 'central', 'other-broker']);
    const lastMs = Date.parse(receipt.last_grant_expires_at ?? '');
    expect(lastMs - startMs).toBeLessThanOrEqual(15_000);
    expect(world.clock.now()).toBeGreaterThanOrEqual(lastMs + 4000);
    expect(world.clock.now() - startMs).toBeLessThanOrEqual(20_000 + 5000);
  });

  test('S36 is sent the stop again, signed anew, until it acknowledges; the receipt shows both', async () => {
    const { id } = await granted();
    world.nodes.node('lotus').behaviour = silent;
    const { receipt } = await act('revoke', id);
    world.nodes.node('lotus').behaviour = 'acks';
    world.clock.advance(60_000);
    await sendDue(world.consumer);
    const later = await act('revoke', id);
    const anew = later.acknowledgements.find(({ node }) => node === 'lotus');
    expect([later.receipt, later.waiting]).toEqual([receipt, []]);
    expect(anew?.status).not.toBe(receipt);
    expect(ackClaims(anew?.ack ?? '').status).toBe(digestOf(anew?.status ?? ''));
    const [claims, ...more] = world.nodes.taken('lotus');
    expect([claims?.sequence, more]).toEqual([world.nodes.taken('central')[0]?.sequence, []]);
  });

  test('a status signed anew has a leaf of its own, and is kept across a crash', async () => {
    const { id } = await granted();
    const lotus = world.nodes.node('lotus');
    lotus.behaviour = silent;
    await act('revoke', id);
    world.clock.advance(60_000);
    const adds = await added(world, async () => {
      lotus.behaviour = lateThenAway();
      await sendDue(world.consumer);
    });
    expect(adds).toEqual({ leaf_staging: 1 });
    lotus.behaviour = 'acks';
    world.clock.advance(60_000);
    await sendDue(world.consumer);
    expect((await act('revoke', id)).waiting).toEqual([]);
  });

  /** It says that the first version is too late, and is away before it can take the second. */
  function lateThenAway() {
    let calls = 0;
    return async (): Promise<never> => {
      calls += 1;
      throw new CausewayError(calls === 1 ? 'time_window' : 'unavailable');
    };
  }

  test('S7 whose ack was lost answers with the same one, and nothing is signed anew', async () => {
    const { id } = await granted();
    const lotus = world.nodes.node('lotus');
    lotus.behaviour = async (status) => {
      world.nodes.take('lotus', status);
      return await silent();
    };
    await act('revoke', id);
    world.clock.advance(60_000);
    lotus.behaviour = 'acks';
    expect(await added(world, async () => await sendDue(world.consumer))).toEqual({});
    const { acknowledgements } = await act('revoke', id);
    expect(acknowledgements.find(({ node }) => node === 'lotus')).not.toHaveProperty('status');
  });

  test('that took the first version after all is offered it again when it refuses the second', async () => {
    const { id } = await granted();
    const lotus = world.nodes.node('lotus');
    let calls = 0;
    lotus.behaviour = async (status) => {
      calls += 1;
      if (calls > 1) return world.nodes.take('lotus', status);
      // Judged too late by one process while another one of the node had it under way.
      world.nodes.take('lotus', status);
      throw new CausewayError('time_window');
    };
    const receipt = await act('revoke', id);
    expect(receipt.waiting).toEqual([]);
    expect(world.nodes.taken('lotus')).toHaveLength(1);
    const lotusAck = receipt.acknowledgements.find(({ node }) => node === 'lotus');
    expect(ackClaims(lotusAck?.ack ?? '').status).toBe(digestOf(receipt.receipt));
  });

  test.each<[string, (status: string) => string]>([
    ['of another member', (status) => world.nodes.ack('central', { status: digestOf(status), tree_size: 1 })],
    ['for another status', () => world.nodes.ack('lotus', { status: digestOf('a.b.c'), tree_size: 1 })],
    [
      'to another member',
      (status) => world.nodes.ack('lotus', { status: digestOf(status), tree_size: 1, aud: 'broker' }),
    ],
    ['that is no ack', (status) => status],
  ])('S12 an ack %s does not count', async (_what, make) => {
    const { id } = await granted();
    const others = ['broker', 'central', 'other-broker'];
    world.nodes.node('lotus').behaviour = async (status) => {
      // The others are told in time.
      await vi.waitUntil(() => others.every((node) => world.nodes.taken(node).length > 0));
      world.clock.advance(5000);
      return make(status);
    };
    const receipt = await act('revoke', id);
    expect(receipt.waiting).toEqual(['lotus']);
    expect(nodesOf(receipt)).not.toContain('lotus');
  });
});

describe('a crash', () => {
  const dying = (at: string) =>
    world.replica({
      faults: {
        at: (point) => {
          if (point === at) throw new Error('killed');
        },
      },
    });

  test('S36 after the commit: the stop holds, and another process sends it', async () => {
    const { digest, id } = await granted();
    const one = dying('stop-committed');
    await expect(act('revoke', id, lina, one.consumer)).rejects.toThrow('killed');
    expect(await redeem(inquiry(digest))).toMatchObject({ code: 'consent_revoked' });
    expect(world.nodes.node('central').arrived).toEqual([]);
    world.clock.advance(5000);
    await sendDue(world.consumer);
    expect((await act('revoke', id)).waiting).toEqual([]);
    await one.close();
  });

  test('on the way of an ack: it is asked for again, and is the same', async () => {
    const { id } = await granted();
    const one = dying('ack-received');
    await expect(act('revoke', id, lina, one.consumer)).rejects.toThrow('killed');
    await vi.waitFor(() => expect(world.nodes.node('central').received.size).toBe(1));
    const [first] = world.nodes.node('central').received.values();
    const receipt = await act('revoke', id);
    expect(receipt.acknowledgements.find(({ node }) => node === 'central')?.ack).toBe(first?.ack);
    await one.close();
  });

  test('two processes share what is due: each node is asked by one of them', async () => {
    const { id } = await granted();
    const one = dying('stop-committed');
    await expect(act('revoke', id, lina, one.consumer)).rejects.toThrow('killed');
    world.clock.advance(5000);
    const other = world.replica();
    await Promise.all([sendDue(world.consumer), sendDue(other.consumer)]);
    for (const node of ['broker', 'central', 'lotus']) {
      expect(world.nodes.node(node).arrived.filter((_, at) => at > 1)).toEqual([]);
    }
    await other.close();
    await one.close();
  });
});

describe('pause and resume', () => {
  test('S41 no grant while paused, and grants again under the same consent afterwards', async () => {
    const { digest, id, jws } = await granted();
    const paused = await act('pause', id);
    expect([paused.status, paused.waiting]).toEqual(['paused', []]);
    expect(await redeem(inquiry(digest))).toMatchObject({ code: 'consent_paused' });
    expect(await redeem(jws)).toMatchObject({ code: 'consent_paused' });
    const resumed = await act('resume', id);
    expect(resumed.status).toBe('active');
    expect(await redeem(inquiry(digest))).toMatchObject({ use: 2 });
    expect(await redeem(jws)).toMatchObject({ use: 1, grants: { length: 3 } });
    expect(world.nodes.taken('lotus').map(({ action }) => action)).toEqual(['pause', 'resume']);
  });

  test('each again brings its own receipt; a paused consent can still be revoked', async () => {
    const { id } = await granted();
    const paused = await act('pause', id);
    expect(await act('pause', id)).toEqual(paused);
    const resumed = await act('resume', id);
    expect(await act('resume', id)).toEqual(resumed);
    await act('pause', id);
    expect((await act('revoke', id)).status).toBe('revoked');
  });

  test.each<[ConsentAction, ConsentAction[]]>([
    ['resume', []],
    ['pause', ['revoke']],
    ['resume', ['revoke']],
    ['resume', ['pause', 'revoke']],
  ])('%s after %j is refused, and nothing is written or sent', async (action, before) => {
    const { id } = await granted();
    for (const one of before) await act(one, id);
    const sent = world.nodes.node('central').arrived.length;
    const adds = await added(
      world,
      async () => await expect(act(action, id)).rejects.toMatchObject({ code: 'conflict' }),
    );
    expect(adds).toEqual({});
    expect(world.nodes.node('central').arrived).toHaveLength(sent);
  });

  test('S54 somebody else’s consent is not found, and nothing is written or sent', async () => {
    const { id } = await granted();
    for (const action of ['revoke', 'pause', 'resume'] as const) {
      const adds = await added(
        world,
        async () => await expect(act(action, id, wang)).rejects.toMatchObject({ code: 'not_found' }),
      );
      expect(adds).toEqual({});
    }
    expect(world.nodes.node('central').arrived).toEqual([]);
  });

  test('stops of one subject are numbered without gaps, of whatever kind and also at once', async () => {
    const person = { scheme: 'gb11643', value: '990000199001010041' };
    const subjectRef = await refOf(person);
    const consents = await Promise.all([1, 2, 3].map(() => world.consentOf(person)));
    await Promise.all(
      consents.map(async ({ id }) => {
        for (const action of ['pause', 'resume', 'revoke'] as const) await act(action, id, subjectRef);
      }),
    );
    const sequences = world.nodes.taken('broker').map(({ sequence }) => sequence);
    expect(sequences.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
