import type { EvidenceBundle } from '@causeway/protocol';
import { kidOf, readUnverified } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { type SandboxSubject, sandboxSubjects } from '@causeway/sandbox/people/persons';
import { Sequence } from '@causeway/sandbox/people/sequence';
import { addKey } from '@causeway/sandbox/rotation/statement-keys';
import { type Agreed, agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { asking, violationsAtRest } from './at-rest.ts';
import { lateReleases } from './late-releases.ts';
import { Load } from './load.ts';
import { persist } from './persist.ts';
import { Races, withLaterAcks } from './races.ts';
import { SEED, say } from './seed.ts';
import { ledgersOf } from './snapshot.ts';
import { type How, plan, startAgain, strike, type Target } from './striker.ts';
import { type Accepted, StubbornLender } from './stubborn-lender.ts';

const LENDER = 'abc-bank';
const PERSONS = 12;
const USES = 900 * Math.ceil(Number(process.env['FAULT_TIMES'] ?? 1));
const LOAD = { perSecond: 8, atOnceMax: 48 };

const brokers = ['broker', 'broker-2'];
const consumers = ['consumer', 'consumer-2'];
const bureaus = ['central', 'lotus', 'harbour'];
const bureauProcesses = bureaus.flatMap((bureau) => [bureau, `${bureau}-2`]);
/** FAULT_TIMES=10 strikes ten times as often, for a night; a fraction, for a look. */
const FACTOR = Number(process.env['FAULT_TIMES'] ?? 1);
const times = (kill: number, stop = 1, cut = 1): Record<How, number> => ({
  kill: kill * Math.max(1, FACTOR),
  stop: stop * Math.max(1, FACTOR),
  cut: cut * Math.max(1, FACTOR),
});
/** A quiet machine needs a minute. */
const ROW_MS_MAX = 600_000 * Math.max(1, FACTOR);

let federation: Federation;
let lender: StubbornLender;
let agreed: Agreed[];
let load: Load;
const sequence = new Sequence(SEED);
const terms = usualTerms(bureaus, USES);

beforeAll(async () => {
  say(`FAULT_SEED=${SEED}`);
  federation = await startTestFederation({ replicas: { broker: 2, consumer: 2, bureau: 2 }, links: true });
  await publishIslands(federation, () => undefined);
  const people = sandboxSubjects(PERSONS, 0).filter(({ kind }) => kind === 'person');
  const asker = federation.lender(LENDER);
  agreed = await Promise.all(people.map((person) => agree(federation, asker, person, terms)));
  lender = new StubbornLender(federation, LENDER);
  load = new Load({ lender, agreed, terms, ...LOAD });
});
// What failed in the middle leaves no load behind: nothing after it would ever be at rest.
afterEach(() => load.stop());
afterAll(() => stopTestFederation(federation));

interface Row {
  /** The letters of the table in docs/crash-points.md. */
  letters: string;
  what: string;
  targets: Target[];
}

const ROWS: Row[] = [
  {
    letters: 'a c d e',
    what: 'an inquiry is taken in',
    targets: [
      { point: 'inquiry-verified', processes: brokers, times: times(5) },
      { point: 'inquiry-committed', processes: brokers, times: times(5) },
      { point: 'inquiry-told', processes: brokers, times: times(5) },
    ],
  },
  {
    letters: 'f g',
    what: 'its use is decided, and it starts',
    targets: [
      { point: 'grants-decided', processes: consumers, times: times(7) },
      { point: 'grants-committed', processes: consumers, times: times(7) },
      { point: 'grants-received', processes: brokers, times: times(5) },
      { point: 'start-committed', processes: brokers, times: times(5) },
    ],
  },
  {
    letters: 'h i',
    what: 'bureaus are asked and answer',
    targets: [
      { point: 'bureau-asked', processes: brokers, times: times(5) },
      { point: 'answer-reserved', processes: bureauProcesses, times: times(3) },
      { point: 'disclosure-committed', processes: bureauProcesses, times: times(3) },
      { point: 'disclosure-received', processes: brokers, times: times(5) },
    ],
  },
  {
    letters: 'j k',
    what: 'its report is stored and delivered, and leaves are placed',
    targets: [
      { point: 'report-committed', processes: brokers, times: times(5) },
      { point: 'report-released', processes: brokers, times: times(5) },
      { point: 'leaves-placed', processes: [...consumers, ...bureauProcesses], times: times(1) },
      { point: 'tree-integrated', processes: [...brokers, ...bureauProcesses], times: times(1) },
    ],
  },
];

/** Kills of all rows together. */
let kills = 0;

test.each(ROWS)(
  'S45 S79 $letters: $what: killed, suspended and cut off there, nothing is lost, doubled or without a leaf',
  async ({ letters, targets }) => {
    await struckUnderLoad(letters, targets);
    expect(await violationsAtRest(federation, load.told)).toEqual([]);
    expect(load.unreported).toBe(0);
  },
  ROW_MS_MAX,
);

test(
  'S36 S45 m: a consent is revoked: killed, suspended and cut off there, nothing is released behind an ack',
  async () => {
    const races = new Races(federation, sequence, (act) => persist(act, { pauseMs: 1100 }));
    const revoking = { over: false };
    const lane = async (person: SandboxSubject): Promise<void> => {
      while (!revoking.over) await races.revoke(federation.lender(LENDER), person);
    };
    const lanes = sandboxSubjects(PERSONS + 4, 0)
      .slice(PERSONS)
      .map(lane);
    await struckUnderLoad('m', [
      { point: 'stop-committed', processes: consumers, times: times(4) },
      { point: 'status-applied', processes: bureauProcesses, times: times(2) },
      { point: 'status-applied', processes: brokers, times: times(2) },
      { point: 'ack-received', processes: consumers, times: times(4) },
    ]);
    revoking.over = true;
    await Promise.all(lanes);
    const ask = asking(federation);
    const all = await withLaterAcks(races.run, ask);
    say(`m: ${all.length} revocations`);
    expect(lateReleases(all, await ledgersOf(ask, ['broker', 'consumer', ...bureaus]))).toEqual([]);
    expect(await violationsAtRest(federation, load.told)).toEqual([]);
  },
  ROW_MS_MAX,
);

/** One of them, drawn, where less than all is asked for. */
const members = ['lotus', 'consumer', 'broker'];
const changed = FACTOR < 1 ? [members[sequence.between(0, 2)] ?? 'lotus'] : members;

test.each(changed)(
  'S11 S45 n: the key of %s is changed: killed half way there, both keys verify, one signs, nothing is lost',
  async (member) => {
    const before = await signersOf(await askedOnce());
    const old = kidsOf(member);
    load.start();
    const own = [...federation.processes.values()].filter(
      ({ program }) => program.env['CAUSEWAY_MEMBER'] === member,
    );
    const loaded = await Promise.all(own.map(({ faults }) => faults.arm('key-loaded', { act: 'kill' })));
    const authority = federation.process('authority');
    const recorded = await authority.faults.arm('act-committed', { act: 'kill' });
    // The officers' act is durable, and nobody was told: the head that shows the key comes after the start.
    await expect(addKey(federation, member)).rejects.toMatchObject({ code: 'unavailable' });
    await recorded.hit;
    await startAgain(authority);
    await Promise.all(
      own.map(async (process, at) => {
        await loaded[at]?.hit;
        await startAgain(process);
      }),
    );
    kills += 1 + own.length;
    const kid = kidsOf(member).find((each) => !old.includes(each)) ?? 'none was added';
    await vi.waitUntil(async () => (await signersOf(await askedOnce())).has(kid), { timeout: 90_000 });
    await load.stop();
    expect(before.has(kid)).toBe(false);
    expect(await violationsAtRest(federation, load.told)).toEqual([]);
    expect(load.unreported).toBe(0);
  },
  ROW_MS_MAX,
);

test('S45 S79 there were at least two hundred kills', () => {
  say(`${kills} kills`);
  expect(kills).toBeGreaterThanOrEqual(200 * Math.min(1, FACTOR));
});

/** Strikes as planned while inquiries come in, and lets all of them come to their end. */
async function struckUnderLoad(letters: string, targets: readonly Target[]): Promise<void> {
  const [startedAt, asked] = [performance.now(), load.accepted.length];
  load.start();
  const struck = await strike(federation, plan(targets, sequence, FACTOR));
  await load.stop();
  kills += struck.kill;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const inquiries = load.accepted.length - asked;
  say(`${letters}: ${JSON.stringify(struck)} amid ${inquiries} inquiries in ${seconds} s`);
}

/** One more inquiry, followed to its verified report. */
async function askedOnce(): Promise<Accepted> {
  const accepted = await lender.accepted(agreed[0] as Agreed, terms, 600);
  await lender.report(accepted);
  return accepted;
}

/** The keys under which the statements of this inquiry are signed, by its evidence, which is verified. */
async function signersOf({ inquiry }: Accepted): Promise<Set<string>> {
  const bundle = await persist(() => federation.lender(LENDER).evidence(inquiry.id, { withinMs: 0 }));
  const { disclosures, grants, report } = JSON.parse(bundle) as EvidenceBundle;
  return new Set([report, ...grants, ...disclosures].map((jws) => readUnverified(jws).header.kid));
}

/** The statement keys in a member's folder. */
function kidsOf(member: string): string[] {
  return federation.keys(member).statements.map(({ crv, kty, x }) => kidOf(member, { kty, crv, x }));
}
