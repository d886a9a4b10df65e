import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { subject } from '../test-peers.ts';
import { resetPeers, runsIn } from '../test-runs.ts';
import { createWorld, type World } from '../test-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => await world.close());
afterEach(() => resetPeers(world));

const { disclosures, leaves, pending, reports, run, stateOf, states, theReport } = runsIn(() => world);

describe('late answers', () => {
  test('a late answer makes version 2, which names version 1; version 1 stays as it was', async () => {
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'unavailable' }]);
    const key = await world.accepted();
    await run(key);
    world.clock.advance(60_000);
    await run(key);
    world.peers.bureaus.set('central', [{ say: 'answer' }]);
    world.clock.advance(60_000);
    await run(key);
    expect(await stateOf(key)).toBe('complete');
    expect(await pending(key)).toBe(0);
    const [first, second, ...more] = await reports(key);
    expect(more).toEqual([]);
    expect(first?.claims).toMatchObject({
      version: 1,
      manifest: [{ outcome: 'error' }, { outcome: 'answered' }],
    });
    expect(second?.claims).toMatchObject({ version: 2, supersedes: first?.digest });
    expect(second?.claims.manifest.map(({ outcome }) => outcome)).toEqual(['answered', 'answered']);
    expect(second?.claims.use).toBe(first?.claims.use);
    expect(await leaves(key)).toEqual(['inquiry', 'report', 'report']);
  });

  test('each late answer makes one version, however many workers see it', async () => {
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'unavailable' }]);
    world.peers.bureaus.set('lotus', [{ say: 'fail', code: 'unavailable' }]);
    const key = await world.accepted();
    await run(key);
    world.clock.advance(60_000);
    await run(key);
    world.peers.bureaus.set('lotus', [{ say: 'answer' }]);
    world.clock.advance(60_000);
    await Promise.all([run(key), run(key, world.another()), run(key, world.another())]);
    world.peers.bureaus.set('central', [{ say: 'answer' }]);
    world.clock.advance(60_000);
    await Promise.all([run(key), run(key, world.another())]);
    await run(key);
    expect((await reports(key)).map(({ claims }) => claims.version)).toEqual([1, 2, 3]);
    expect(await stateOf(key)).toBe('complete');
  });

  test('15 minutes after the deadline the rest is missing for good, and nobody is asked', async () => {
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'unavailable' }]);
    const key = await world.accepted();
    await run(key);
    world.clock.advance(60_000);
    await run(key);
    world.peers.bureaus.set('central', [{ say: 'answer' }]);
    world.clock.advance(900_000);
    world.peers.calls.length = 0;
    await run(key);
    await run(key);
    expect(await states(key)).toEqual({ central: 'error', lotus: 'answered' });
    expect(await stateOf(key)).toBe('partial');
    expect(await pending(key)).toBe(0);
    expect((await theReport(key)).version).toBe(1);
    expect(world.peers.calls).toEqual([]);
  });
});

describe('a stop before the report', () => {
  const stop = async (state: string): Promise<void> => {
    const { digest } = world.peers.consent;
    await world.database.pool.query(
      `INSERT INTO subject_status (subject_ref, consent, state, sequence, status_digest)
       VALUES ($1, $2, $3, 1, 'd')`,
      [subject, digest, state],
    );
  };
  afterEach(async () => void (await world.database.pool.query('DELETE FROM subject_status')));

  test.each(['revoked', 'paused'])('S36 %s: no report and no leaf of one, but the refusal', async (state) => {
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    world.peers.bureaus.set('central', [{ say: 'hold', asked: asked.resolve, until: answer.promise }]);
    const key = await world.accepted();
    const running = run(key);
    await asked.promise;
    await stop(state);
    world.peers.consumer = 'consent_revoked';
    answer.resolve();
    await running;
    expect(await stateOf(key)).toBe('refused');
    expect(await reports(key)).toEqual([]);
    expect(await leaves(key)).toEqual(['inquiry']);
    expect(await disclosures(key)).toEqual([]);
  });

  test('S36 a late answer after the stop makes no further version', async () => {
    world.peers.bureaus.set('central', [{ say: 'fail', code: 'unavailable' }]);
    const key = await world.accepted();
    await run(key);
    world.clock.advance(60_000);
    await run(key);
    await stop('revoked');
    world.peers.bureaus.set('central', [{ say: 'answer' }]);
    world.clock.advance(60_000);
    await run(key);
    expect((await reports(key)).map(({ claims }) => claims.version)).toEqual([1]);
    expect(await leaves(key)).toEqual(['inquiry', 'report']);
  });
});
