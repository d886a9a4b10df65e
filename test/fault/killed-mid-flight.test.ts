import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubjects } from '@causeway/sandbox/people/persons';
import { Sequence } from '@causeway/sandbox/people/sequence';
import { goneWithin, signalPid } from '@causeway/sandbox/pids';
import { type Agreed, agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mergeDelay } from '../e2e/merge-delay.ts';
import { usesOf, violationsAtRest } from './at-rest.ts';
import { type Fault, MidFlight } from './mid-flight.ts';
import { SEED, say } from './seed.ts';
import { ServedCheckpoints } from './served-checkpoints.ts';
import { type Accepted, type Ended, StubbornLender, digestIn } from './stubborn-lender.ts';

const PERSONS = 20;
const USES = 10;
const AT_ONCE = 16;
/** Far beyond the slowest recovery, so that an inquiry that ends partial has lost something. */
const DEADLINE_S = 240;
const LENDER = 'abc-bank';
const VICTIMS = ['broker', 'consumer', 'lotus'];
const ANSWERS = new Set(['answered', 'empty', 'not_found']);

let federation: Federation;
let lender: StubbornLender;
let served: ServedCheckpoints;
const terms = usualTerms(['central', 'lotus', 'harbour'], USES);

beforeAll(async () => {
  say(`FAULT_SEED=${SEED}`);
  federation = await startTestFederation({ fsync: true });
  lender = new StubbornLender(federation, LENDER);
  served = new ServedCheckpoints(federation);
  await publishIslands(federation, () => undefined);
});

afterAll(async () => await stopTestFederation(federation));

/** Ends a service as a power cut would, and starts it again. */
const kill =
  (name: string): Fault =>
  async () => {
    say(`kill -9 ${name}`);
    await federation.process(name).kill();
    await federation.process(name).start();
  };

/**
 * Ends the database server as a power cut would, and starts it again when the lender has met its absence many
 * times over; nobody tells the services.
 */
const killPostgres: Fault = async () => {
  say('kill -9 PostgreSQL');
  const { pid } = federation.postgres;
  const before = lender.faults;
  signalPid(pid, 'SIGKILL');
  expect(await goneWithin(pid, 15_000)).toBe(true);
  await expect.poll(() => lender.faults - before, { timeout: 60_000 }).toBeGreaterThan(4 * AT_ONCE);
  await federation.restartPostgres();
};

/** A service does not start without its database, so that comes back first. */
const killAll: Fault = async () => {
  say(`kill -9 ${VICTIMS.join(', ')}`);
  await Promise.all(VICTIMS.map((name) => federation.process(name).kill()));
  await killPostgres();
  await Promise.all(VICTIMS.map((name) => federation.process(name).start()));
};

const oneByOne = [...VICTIMS.map(kill), killPostgres];

test.each([
  { what: 'broker, consumer service, bureau and PostgreSQL, one after another,', faults: oneByOne },
  { what: 'broker, consumer service, bureau and PostgreSQL at one moment', faults: [killAll] },
])(
  'S79 kill -9 of $what amid 200 inquiries: all accepted ones complete, each once',
  async ({ faults }) => {
    const sequence = new Sequence(SEED);
    const agreed = await consents();
    const flight = new MidFlight({ sequence, items: PERSONS * USES, faults: shuffled(faults, sequence) });
    const { inquiries, reports } = await askAll(agreed, flight);

    expect(flight.underWay.filter((n) => n > 0)).toHaveLength(faults.length);
    expect(inquiries).toHaveLength(PERSONS * USES);
    expect(reports.filter(({ state, version }) => state !== 'complete' || version !== 1)).toEqual([]);
    expect(reports.flatMap(({ outcomes }) => outcomes).filter((outcome) => !ANSWERS.has(outcome))).toEqual(
      [],
    );

    await resendAll(inquiries);
    expect(await violationsAtRest(federation, toldBy(inquiries, reports))).toEqual([]);
    expect(await usesOf(federation, agreed)).toEqual(agreed.map(() => USES));
    await expect(oneMore(agreed[0])).rejects.toMatchObject({ code: 'consent_used_up' });
  },
  240_000,
);

test('S48 all checkpoints served meanwhile are of one ledger each, every pair of them', async () => {
  await served.stop();
  say(`${served.counts().join(', ')} checkpoints`);
  // The authority issues nothing meanwhile.
  expect(served.counts().filter((n) => n > 10)).toHaveLength(VICTIMS.length + 2);
  expect(await served.contradictions()).toEqual([]);
});

test.each([...VICTIMS, 'central', 'harbour'])(
  'S57 the statements of %s got their proof within a minute, through all of it',
  async (member) => {
    const delay = async () => await mergeDelay(federation, member);
    await expect.poll(async () => (await delay()).unmerged, { timeout: 10_000 }).toBe(0);
    const { leaves, signedMs, countedMs } = await delay();
    say(`${member}: ${leaves} leaves, signed in ${signedMs} ms and witnessed in ${countedMs} ms at most`);
    expect(leaves).toBeGreaterThan(0);
    expect(Math.max(signedMs, countedMs ?? Infinity)).toBeLessThan(60_000);
  },
);

async function consents(): Promise<Agreed[]> {
  const asking = federation.lender(LENDER);
  const people = sandboxSubjects(PERSONS, 0).filter(({ kind }) => kind === 'person');
  return Promise.all(people.map((person) => agree(federation, asking, person, terms)));
}

/** Asks everybody as often as they agreed to, through the faults; every inquiry must end with its report. */
async function askAll(agreed: readonly Agreed[], flight: MidFlight) {
  const questions = Array.from({ length: USES }, () => agreed).flat();
  const [startedAt, faultsBefore] = [performance.now(), lender.faults];
  const ended = await flight.run(questions, AT_ONCE, async (consent) => {
    const accepted = await lender.accepted(consent, terms, DEADLINE_S);
    flight.reached();
    return { accepted, report: await lender.report(accepted) };
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const inquiries = ended.map(({ accepted }) => accepted);
  const resent = inquiries.filter(({ sent }) => sent > 2).length;
  const faults = lender.faults - faultsBefore;
  say(`${ended.length} inquiries in ${seconds} s, ${faults} faults met, ${resent} sent again`);
  say(`under way at the strikes: ${flight.underWay.join(', ')}`);
  return { inquiries, reports: ended.map(({ report }) => report) };
}

/**
 * Both copies of each statement got the same answer, and the statement once more, after all is over, gets it
 * too, byte for byte.
 */
async function resendAll(inquiries: readonly Accepted[]): Promise<void> {
  for (const { inquiry, answers } of inquiries) {
    const again = await lender.resend(inquiry);
    expect(answers).toEqual([again, again]);
    expect(digestIn(again)).toBe(inquiry.digest);
  }
}

const toldBy = (inquiries: readonly Accepted[], reports: readonly Ended[]) => ({
  accepted: inquiries.map(({ inquiry }) => inquiry.digest),
  reports: reports.map(({ report }) => report),
  disclosures: reports.flatMap(({ disclosures }) => disclosures),
});

/** No use was lost either: one more than was agreed to is refused. */
async function oneMore(agreed: Agreed | undefined): Promise<unknown> {
  if (!agreed) throw new Error('nobody agreed to anything');
  return inquireUnder(federation.lender(LENDER), agreed, terms);
}

function shuffled<T>(items: readonly T[], sequence: Sequence): T[] {
  return items
    .map((item) => ({ item, order: sequence.next() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
