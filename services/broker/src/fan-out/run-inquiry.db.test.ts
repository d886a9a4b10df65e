import { merge } from '@causeway/aggregate';
import { digestOf, readUnverified, type Disclosure, type Grant, type Verified } from '@causeway/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { account, type BureauAct } from '../test-peers.ts';
import { resetPeers, runsIn } from '../test-runs.ts';
import { createWorld, type World } from '../test-world.ts';
import { roundStatements } from './rounds.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => await world.close());
afterEach(() => resetPeers(world));

const { disclosures, leaves, open, pending, reports, run, stateOf, states, theReport } = runsIn(() => world);

describe('an inquiry that every bureau answers', () => {
  test('ends in one signed report, the merge of its disclosures, with a leaf and no outbox row', async () => {
    const key = await world.accepted();
    await run(key);
    expect(await stateOf(key)).toBe('complete');
    expect(await states(key)).toEqual({ central: 'answered', lotus: 'answered' });
    expect(await pending(key)).toBe(0);
    expect(await leaves(key)).toEqual(['inquiry', 'report']);
    const report = await theReport(key);
    const again = merge((await disclosures(key)).map((disclosure) => rowOf(disclosure)));
    expect(report).toMatchObject({ version: 1, manifest: again.manifest, merged: again.merged });
    expect(report.manifest.map((row) => [row.bureau, row.outcome, row.records])).toEqual([
      ['central', 'answered', 1],
      ['lotus', 'answered', 1],
    ]);
  });

  test('S81: run by four workers at once, each bureau is asked once and there is one report', async () => {
    const key = await world.accepted();
    const workers = [world.broker, world.another(), world.another(), world.another()];
    await Promise.all(workers.map(async (at) => await run(key, at)));
    await run(key);
    expect(await stateOf(key)).toBe('complete');
    expect(await reports(key)).toHaveLength(1);
    expect(await leaves(key)).toEqual(['inquiry', 'report']);
    expect(world.peers.calls.filter((call) => call.path === '/v1/disclosures')).toHaveLength(2);
  });

  test('empty and not found are complete answers', async () => {
    world.peers.bureaus.set('central', [{ say: 'answer', change: { outcome: 'empty', records: [] } }]);
    world.peers.bureaus.set('lotus', [{ say: 'answer', change: { outcome: 'not_found', records: [] } }]);
    const key = await world.accepted();
    await run(key);
    expect(await stateOf(key)).toBe('complete');
    expect((await theReport(key)).manifest.map((row) => row.outcome)).toEqual(['empty', 'not_found']);
  });
});

const rowOf = (disclosure: Verified<Disclosure>) => ({
  bureau: disclosure.claims.iss,
  outcome: disclosure.claims.outcome,
  disclosure,
});

describe('a bureau that does not answer at once', () => {
  test('is asked again with a renewed grant and the same use, the others are not', async () => {
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'unavailable' }, { say: 'answer' }]);
    const key = await world.accepted();
    await run(key);
    expect(await states(key)).toEqual({ central: 'waiting', lotus: 'answered' });
    expect(await pending(key)).toBe(1);
    const [retry] = world.queued.filter((job) => job.delayMs > 0);
    expect(retry?.inquiry).toBe(key);
    world.clock.advance(retry?.delayMs ?? 0);
    await run(key);
    expect(await stateOf(key)).toBe('complete');
    const renewals = world.peers.calls.filter((call) => call.path === '/v1/grants');
    expect(renewals.map((call) => call.nodes)).toEqual([undefined, ['central']]);
    const all = await disclosures(key);
    expect(new Set(all.map(({ claims }) => claims.use)).size).toBe(1);
  });

  test('before its time the row is not asked, however often the job runs', async () => {
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'unavailable' }]);
    const key = await world.accepted();
    await run(key);
    await run(key);
    await run(key, world.another());
    const asked = world.peers.calls.filter((call) => call.member === 'central');
    expect(asked).toHaveLength(1);
  });

  test('at the deadline the report is partial and its manifest says why', async () => {
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'unavailable' }]);
    const key = await world.accepted();
    await run(key);
    world.clock.advance(60_000);
    await run(key);
    expect(await stateOf(key)).toBe('partial');
    const report = await theReport(key);
    expect(report.manifest[0]).toMatchObject({
      bureau: 'central',
      outcome: 'error',
      code: 'unavailable',
      records: 0,
    });
    expect(report.exposure.lower_bound).toBe(true);
    expect(await pending(key)).toBe(1);
  });

  test('S81: a worker held beyond its lease cannot write over the one that took its row', async () => {
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    world.peers.bureaus.set('central', [
      { say: 'hold', asked: asked.resolve, until: answer.promise },
      { say: 'answer', change: { outcome: 'empty', records: [] } },
    ]);
    const key = await world.accepted();
    const slow = run(key);
    await asked.promise;
    world.clock.advance(5001);
    await run(key, world.another());
    expect(await stateOf(key)).toBe('complete');
    answer.resolve();
    await slow;
    expect(await states(key)).toEqual({ central: 'empty', lotus: 'answered' });
    expect(await reports(key)).toHaveLength(1);
  });

  test('bytes stored under an earlier grant are taken, under one never shown they are not', async () => {
    const key = await world.accepted();
    const inquiry = await open(key);
    world.peers.bureaus.set('central', [{ say: 'answer', change: { grant: inquiry.digest } }]);
    await run(key);
    expect(await states(key)).toEqual({ central: 'waiting', lotus: 'answered' });
    const { grants } = await roundStatements(world.broker.db, inquiry);
    const first = grants.find((jws) => (readUnverified(jws).claims as Grant).aud === 'central');
    world.peers.bureaus.set('central', [{ say: 'answer', change: { grant: digestOf(first ?? '') } }]);
    world.clock.advance(2000);
    await run(key);
    expect(await stateOf(key)).toBe('complete');
  });
});

describe('S86: a lying bureau gets nothing stored, and the report says error', () => {
  const lies: [string, string, () => BureauAct][] = [
    ['signed by another bureau', 'issuer_mismatch', () => ({ say: 'answer', signer: 'lotus' })],
    [
      'addressed to another lender',
      'audience_mismatch',
      () => ({ say: 'answer', change: { aud: 'evergreen' } }),
    ],
    ['another use', 'link_mismatch', () => ({ say: 'answer', change: { use: 99 } })],
    [
      'another subject',
      'link_mismatch',
      () => ({ say: 'answer', change: { subject_ref: `s1.1.${'A'.repeat(43)}` } }),
    ],
    [
      'wider than the grant',
      'link_mismatch',
      () => ({ say: 'answer', change: { records: [{ ...account('central'), class5: 'normal' }] } }),
    ],
    ['minutes old', 'time_window', () => ({ say: 'answer', change: { iat: seconds(-500) } })],
    ['expired', 'expired', () => ({ say: 'answer', change: { iat: seconds(-2), exp: seconds(-1) } })],
  ];
  test.each(lies)('%s: %s', async (_, code, act) => {
    world.peers.bureaus.set('central', [act()]);
    const key = await world.accepted();
    await run(key);
    expect(await disclosures(key)).toHaveLength(1);
    expect(await states(key)).toEqual({ central: 'waiting', lotus: 'answered' });
    world.clock.advance(60_000);
    await run(key);
    expect(await stateOf(key)).toBe('partial');
    expect((await theReport(key)).manifest[0]).toMatchObject({ bureau: 'central', outcome: 'error', code });
  });

  const seconds = (offset: number) => Math.floor(world.clock.now() / 1000) + offset;

  test('what arrives after its grant has ended is dropped', async () => {
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    world.peers.bureaus.set('central', [{ say: 'hold', asked: asked.resolve, until: answer.promise }]);
    const key = await world.accepted();
    const running = run(key);
    await asked.promise;
    world.clock.advance(15_000);
    answer.resolve();
    await running;
    expect((await states(key))['central']).toBe('waiting');
    expect((await disclosures(key)).map(({ claims }) => claims.iss)).not.toContain('central');
  });

  test('a key revoked between answer and report takes its disclosure out of the report', async () => {
    world.peers.bureaus.set('lotus', [{ say: 'fail', code: 'unavailable' }]);
    const key = await world.accepted();
    await run(key);
    world.members.set('central', { revoked: true });
    world.clock.advance(60_000);
    await run(key);
    expect((await theReport(key)).manifest[0]).toMatchObject({ outcome: 'error', code: 'key_revoked' });
    expect(await disclosures(key)).toEqual([]);
  });
});

describe('refusals and failures', () => {
  test('the refusal of a bureau is final, and its row says frozen where it is frozen there', async () => {
    world.peers.bureaus.set('central', [{ say: 'refuse', code: 'subject_frozen' }]);
    world.peers.bureaus.set('lotus', [{ say: 'refuse', code: 'purpose_not_permitted' }]);
    const key = await world.accepted();
    await run(key);
    expect(await stateOf(key)).toBe('partial');
    expect((await theReport(key)).manifest.map((row) => [row.outcome, row.code])).toEqual([
      ['frozen', 'subject_frozen'],
      ['refused', 'purpose_not_permitted'],
    ]);
  });

  test('S37: a refusal at redemption ends the inquiry: no bureau asked, no report', async () => {
    world.peers.consumer = 'consent_revoked';
    const key = await world.accepted();
    await run(key);
    expect(await stateOf(key)).toBe('refused');
    const { row, seal } = await open(key);
    expect(row.code).toBe('consent_revoked');
    expect(seal.open('refusal', row.refusal ?? Buffer.alloc(0))).toMatch(/^ey/u);
    expect(await reports(key)).toEqual([]);
    expect(await pending(key)).toBe(0);
    expect(world.peers.calls.map((call) => call.path)).toEqual(['/v1/grants']);
  });

  test('a consent revoked between attempts ends the open rows with that code', async () => {
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'unavailable' }]);
    const key = await world.accepted();
    await run(key);
    world.peers.consumer = 'consent_revoked';
    world.clock.advance(2000);
    await run(key);
    expect((await theReport(key)).manifest[0]).toMatchObject({ outcome: 'refused', code: 'consent_revoked' });
  });

  test('a consumer service that is away is asked until the deadline, then the inquiry fails', async () => {
    world.peers.consumer = 'away';
    const key = await world.accepted();
    await run(key);
    expect(await stateOf(key)).toBe('accepted');
    expect(await pending(key)).toBe(1);
    expect(world.queued.some((job) => job.inquiry === key && job.delayMs > 0)).toBe(true);
    world.clock.advance(60_000);
    await run(key);
    expect(await stateOf(key)).toBe('failed');
    expect(await pending(key)).toBe(0);
    expect(await reports(key)).toEqual([]);
  });

  test('S31: a lender suspended while its inquiry waits gets nothing redeemed', async () => {
    const key = await world.accepted();
    world.members.set('abc-bank', { status: 'suspended' });
    await run(key);
    expect(await stateOf(key)).toBe('failed');
    expect(world.peers.calls).toEqual([]);
  });

  test('S31: suspended while a bureau is to be asked again: ended, and nobody is asked', async () => {
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'not_ready' }]);
    const key = await world.accepted();
    await run(key);
    expect(await stateOf(key)).toBe('running');
    const asked = world.peers.calls.length;
    world.members.set('abc-bank', { status: 'suspended' });
    await run(key);
    expect([await stateOf(key), await pending(key), await reports(key)]).toEqual(['failed', 0, []]);
    expect(world.peers.calls).toHaveLength(asked);
  });

  test('S31: suspended after a partial report: no late answer is asked for before it is back', async () => {
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'unavailable' }, { say: 'answer' }]);
    const key = await world.accepted();
    await run(key);
    world.clock.advance(60_000);
    await run(key);
    world.members.set('abc-bank', { status: 'suspended' });
    const asked = world.peers.calls.length;
    await run(key);
    expect([await stateOf(key), world.peers.calls.length]).toEqual(['partial', asked]);
    expect(world.queued.at(-1)).toMatchObject({ inquiry: key, delayMs: 30_000 });
    world.members.set('abc-bank', {});
    await run(key);
    expect(await stateOf(key)).toBe('complete');
  });

  test.each([
    ['for another presenter', { presenter: 'other-broker' }],
    ['for another use', { use: 77 }],
    ['for categories nobody asked for', { categories: ['ACCOUNT_DETAIL' as const] }],
    ['from long ago', { iat: 1_700_000_000, exp: 1_700_000_015 }],
  ])('S9: a grant %s is not used: no bureau is asked', async (_, change) => {
    world.peers.grantChange = change;
    const key = await world.accepted();
    await run(key);
    expect(await stateOf(key)).toBe('accepted');
    expect(world.peers.calls.filter((call) => call.path === '/v1/disclosures')).toEqual([]);
    expect(await states(key)).toEqual({});
  });

  test('an unknown id and a finished inquiry are nothing to do', async () => {
    const key = await world.accepted();
    await run(key);
    const before = await world.rows();
    world.peers.calls.length = 0;
    await run(key);
    await run('00000000-0000-7000-8000-000000000000.abc-bank');
    expect(await world.rows()).toEqual(before);
    expect(world.peers.calls).toEqual([]);
  });
});
