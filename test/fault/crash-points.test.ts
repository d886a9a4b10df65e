import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubjects } from '@causeway/sandbox/people/persons';
import { Sequence } from '@causeway/sandbox/people/sequence';
import { type Agreed, agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violationsAtRest } from './at-rest.ts';
import { Load } from './load.ts';
import { SEED, say } from './seed.ts';
import { type How, plan, strike, type Target } from './striker.ts';
import { StubbornLender } from './stubborn-lender.ts';

const LENDER = 'abc-bank';
const PERSONS = 12;
const USES = 900;
const LOAD = { perSecond: 10, atOnceMax: 48 };

const brokers = ['broker', 'broker-2'];
const consumers = ['consumer', 'consumer-2'];
const bureaus = ['central', 'lotus', 'harbour'];
const all = [...brokers, ...consumers, ...bureaus];
/** FAULT_TIMES=10 strikes ten times as often, for a night; a fraction, for a look. */
const FACTOR = Number(process.env['FAULT_TIMES'] ?? 1);
const times = (kill: number, stop = 1, cut = 1): Record<How, number> => ({
  kill: Math.ceil(kill * FACTOR),
  stop: Math.ceil(stop * FACTOR),
  cut: Math.ceil(cut * FACTOR),
});

let federation: Federation;
let load: Load;
const sequence = new Sequence(SEED);
const terms = usualTerms(bureaus, USES);

beforeAll(async () => {
  say(`FAULT_SEED=${SEED}`);
  federation = await startTestFederation({ replicas: { broker: 2, consumer: 2 }, links: true });
  await publishIslands(federation, () => undefined);
  const people = sandboxSubjects(PERSONS, 0).filter(({ kind }) => kind === 'person');
  const asking = federation.lender(LENDER);
  const agreed: Agreed[] = await Promise.all(
    people.map((person) => agree(federation, asking, person, terms)),
  );
  load = new Load({ lender: new StubbornLender(federation, LENDER), agreed, terms, ...LOAD });
});
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
    what: 'the broker takes an inquiry in',
    targets: [
      { point: 'inquiry-verified', processes: brokers, times: times(6) },
      { point: 'inquiry-committed', processes: brokers, times: times(6) },
      { point: 'inquiry-told', processes: brokers, times: times(6) },
    ],
  },
  {
    letters: 'f g',
    what: 'the consumer service decides and the broker starts',
    targets: [
      { point: 'grants-decided', processes: consumers, times: times(8) },
      { point: 'grants-committed', processes: consumers, times: times(8) },
      { point: 'grants-received', processes: brokers, times: times(6) },
      { point: 'start-committed', processes: brokers, times: times(6) },
    ],
  },
  {
    letters: 'h i',
    what: 'the bureaus are asked and answer',
    targets: [
      { point: 'bureau-asked', processes: brokers, times: times(6) },
      { point: 'answer-reserved', processes: bureaus, times: times(7) },
      { point: 'disclosure-committed', processes: bureaus, times: times(7) },
      { point: 'disclosure-received', processes: brokers, times: times(6) },
    ],
  },
  {
    letters: 'j',
    what: 'the report is stored and delivered, and leaves are placed',
    targets: [
      { point: 'report-committed', processes: brokers, times: times(6) },
      { point: 'report-released', processes: brokers, times: times(6) },
      { point: 'leaves-placed', processes: [...consumers, ...bureaus], times: times(3) },
    ],
  },
];

test.each(ROWS)(
  'S45 S79 $letters: $what: killed, suspended and cut off there, nothing is lost, doubled or without a leaf',
  async ({ letters, targets }) => {
    const [startedAt, asked] = [performance.now(), load.accepted.length];
    load.start();
    const struck = await strike(federation, plan(targets, sequence));
    await load.stop();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(
      `${letters}: ${JSON.stringify(struck)} amid ${load.accepted.length - asked} inquiries in ${seconds} s`,
    );
    expect(await violationsAtRest(federation, load.told)).toEqual([]);
    expect(load.told.reports).toHaveLength(load.accepted.length);
    for (const name of all) expect(federation.process(name).pid).toBeDefined();
  },
  300_000 * Math.max(1, FACTOR),
);
