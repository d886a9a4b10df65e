import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubjects } from '@causeway/sandbox/people/persons';
import { Sequence } from '@causeway/sandbox/people/sequence';
import { agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseUrl } from '../e2e/rows.ts';
import { asking } from './at-rest.ts';
import { earlyReleases, type LateRelease, lateReleases } from './late-releases.ts';
import { pause } from './persist.ts';
import { Races, withLaterAcks } from './races.ts';
import { SEED, say } from './seed.ts';
import { type Ask, ledgersOf } from './snapshot.ts';

const FACTOR = Number(process.env['FAULT_TIMES'] ?? 1);
const REVOCATIONS = Math.ceil(650 * FACTOR);
const FREEZES = Math.ceil(325 * FACTOR);
const SUSPENSIONS = Math.ceil(25 * FACTOR);
const AT_ONCE = 12;
/** The bound, and what a busy machine adds to a call. */
const CALL_MS_MAX = 21_000;
const USUAL_MS_MAX = 2000;
/** Instances that are suspended again and again while the other one of the same bureau works on. */
const STANDING_STILL = ['lotus-2', 'central-2'];
/** A process that is asked so little that it has not come to the point by then is left to the next one. */
const STRIKE_MS_MAX = 5000;

let federation: Federation;
let races: Races;
const sequence = new Sequence(SEED);
const bureaus = ['central', 'lotus', 'harbour'];
const nodes = ['broker', 'consumer', ...bureaus];
const [asking1, asking2] = ['abc-bank', 'evergreen'];

beforeAll(async () => {
  say(`FAULT_SEED=${SEED}`);
  federation = await startTestFederation({ replicas: 2 });
  await publishIslands(federation, () => undefined);
  races = new Races(federation, sequence);
});
afterAll(() => stopTestFederation(federation));

test(
  'S36 a thousand stops against inquiries on two instances of everything: nothing is released behind an ack',
  async () => {
    const running = { over: false };
    const standstills = standStill(running);
    const suspensions = suspendAgainAndAgain();
    await raceAll();
    await suspensions;
    running.over = true;
    const stood = await standstills;
    await expect.poll(unfinished, { timeout: 60_000 }).toBe(0);
    const all = await withLaterAcks(races.run, asking(federation));
    const ledgers = await ledgersOf(asking(federation), nodes);

    expect(all).toHaveLength(REVOCATIONS + FREEZES + SUSPENSIONS);
    expect(lateReleases(all, ledgers)).toEqual([]);
    expect(all.filter(({ ms }) => ms > CALL_MS_MAX)).toEqual([]);
    const usual = all.map(({ ms }) => ms).toSorted((a, b) => a - b);
    const [median = 0, slowest = 0] = [usual[Math.floor(usual.length / 2)], usual.at(-1)];
    const early = earlyReleases(all, ledgers);
    say(`${all.length} races: ${early} releases before the acks, ${stood} standstills`);
    say(`calls: median ${Math.round(median)} ms, slowest ${Math.round(slowest)} ms`);
    expect(median).toBeLessThan(USUAL_MS_MAX);
    // Some stops came before anything was released and some after all was.
    expect(early).toBeGreaterThan(all.length / 10);
    expect(stood).toBeGreaterThan(0);
  },
  600_000 * Math.max(1, FACTOR),
);

test('S36 a bureau suspended in its transaction holds no stop up, and releases nothing later', async () => {
  const lender = federation.lender(asking1 ?? '');
  const instances = ['lotus', 'lotus-2'].map((name) => federation.process(name).faults);
  const armed = await Promise.all(instances.map((faults) => faults.arm('answer-reserved', { act: 'stop' })));
  const person = sandboxSubjects(FREEZES + 210, 0).at(-1);
  const before = races.run.length;
  const oneStands = async (): Promise<void> => {
    await Promise.race(armed.map(({ hit }) => hit));
    await Promise.all(armed.filter(({ hits }) => hits === 0).map(({ disarm }) => disarm()));
  };
  if (person) await races.revoke(lender, person, oneStands);
  const [race] = races.run.slice(before);
  expect(race?.ms).toBeLessThan(CALL_MS_MAX);
  // The instance that works on has acknowledged for both.
  expect([race?.waiting, race?.acks.map(({ node }) => node)]).toEqual([
    [],
    expect.arrayContaining(['lotus']),
  ]);
  for (const { disarm } of armed) await disarm();
  await expect.poll(unfinished, { timeout: 60_000 }).toBe(0);
  const ledgers = await ledgersOf(asking(federation), nodes);
  expect(lateReleases(race ? [race] : [], ledgers)).toEqual([]);
  const released = ledgers['lotus']?.leaves.filter(
    ({ inquiry, typ }) => typ === 'disclosure' && race?.inquiries.includes(inquiry ?? ''),
  );
  expect(released).toEqual([]);
});

test.each([
  { node: 'lotus', typ: 'disclosure' },
  { node: 'broker', typ: 'report' },
  { node: 'consumer', typ: 'grant' },
])('S36 the checker can fail: a $typ of $node behind an ack is found', async ({ node, typ }) => {
  const [race] = races.run.filter(({ waiting, what }) => waiting.length === 0 && what === 'revoke');
  const inquiry = race?.inquiries[0] ?? '';
  const found = await planted(node, async (ask) => {
    const leaf = `INSERT INTO leaf (idx, digest, typ, inquiry, use, iss, aud, at_ms)
      SELECT size, 'sha-256:late', '${typ}', '${inquiry}', 1, 'x', 'y', 0 FROM ledger_state`;
    await ask(node, leaf);
    return lateReleases(races.run, await ledgersOf(ask, nodes));
  });
  const index = (await ledgersOf(asking(federation), [node]))[node]?.size;
  expect(found).toEqual([
    expect.objectContaining({ what: 'revoke', node, typ, index, digest: 'sha-256:late' }),
  ]);
});

/** Revocations and freezes in random order, so many at a time. */
async function raceAll(): Promise<void> {
  const lender = federation.lender(asking1 ?? '');
  const people = sandboxSubjects(FREEZES + 200, 0).filter(({ kind }) => kind === 'person');
  const [freezing, revoking] = [people.slice(0, FREEZES), people.slice(FREEZES)];
  const revocations = Array.from({ length: REVOCATIONS }, (_, i) => revoking[i % revoking.length]);
  const tasks = [
    ...freezing.map((person) => () => races.freeze([lender], person)),
    ...revocations.flatMap((person) => (person ? [() => races.revoke(lender, person)] : [])),
  ]
    .map((task) => ({ task, order: sequence.next() }))
    .toSorted((a, b) => a.order - b.order)
    .values();
  const lane = async (): Promise<void> => {
    for (const { task } of tasks) await task();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function suspendAgainAndAgain(): Promise<void> {
  const lender = federation.lender(asking2 ?? '');
  const terms = usualTerms(bureaus, 1000);
  const people = sandboxSubjects(FREEZES + 206, 0).slice(-6);
  const agreed = await Promise.all(people.map((person) => agree(federation, lender, person, terms)));
  for (let n = 0; n < SUSPENSIONS; n += 1) await races.suspend(lender, agreed, asking(federation));
}

/** One instance of a bureau at a time stands still, between commit and send or in its transaction. */
async function standStill(running: { over: boolean }): Promise<number> {
  let stood = 0;
  for (let n = 0; !running.over; n += 1) {
    const { faults } = federation.process(STANDING_STILL[n % STANDING_STILL.length] ?? '');
    const point = sequence.chance(0.7) ? 'disclosure-committed' : 'answer-reserved';
    const armed = await faults.arm(point, { act: 'stop', skip: sequence.between(0, 20) });
    const enough = performance.now() + STRIKE_MS_MAX;
    while (armed.hits === 0 && !running.over && performance.now() < enough) await pause(20);
    stood += armed.hits;
    if (armed.hits > 0) await pause(sequence.between(100, 2500));
    await armed.disarm();
    await pause(sequence.between(500, 4000));
  }
  return stood;
}

async function unfinished(): Promise<number> {
  const text = 'SELECT count(*)::int AS n FROM inquiry WHERE finished_ms IS NULL';
  return (await asking(federation)<{ n: number }>('broker', text))[0]?.n ?? 0;
}

/** Looks at one member's database with something planted in it that is taken back. */
async function planted(member: string, look: (ask: Ask) => Promise<LateRelease[]>): Promise<LateRelease[]> {
  const client = new pg.Client(databaseUrl(federation, member));
  await client.connect();
  try {
    await client.query('BEGIN');
    return await look(async (of, text) =>
      of === member ? (await client.query(text)).rows : asking(federation)(of, text),
    );
  } finally {
    await client.query('ROLLBACK');
    await client.end();
  }
}
