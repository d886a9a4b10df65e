import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubjects } from '@causeway/sandbox/people/persons';
import { Sequence } from '@causeway/sandbox/people/sequence';
import { signalPid } from '@causeway/sandbox/pids';
import { freePort } from '@causeway/sandbox/ports';
import type { ServiceProcess } from '@causeway/sandbox/service-process';
import { type Agreed, agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { SignedInquiry } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryDatabase } from '../e2e/rows.ts';
import { startSecondBroker } from '../e2e/second-broker.ts';
import { accepting, violationsAtRest } from './at-rest.ts';
import { type Fault, MidFlight } from './mid-flight.ts';
import { RedisInTrouble } from './redis-in-trouble.ts';
import { RetryOnceLender } from './retry-once-lender.ts';
import { type Accepted, StubbornLender } from './stubborn-lender.ts';

const LENDER = 'abc-bank';
const BOOT_MS_MAX = 180_000;
const ITEMS = 48;
const AT_ONCE = 12;
const DEADLINE_S = 180;
/** FAULT_SEED repeats a run; without it each run strikes elsewhere. */
const seedGiven = Number(process.env['FAULT_SEED'] ?? 0);
const SEED = seedGiven > 0 ? seedGiven : 1 + Math.floor(Math.random() * 1_000_000);

let dir: string;
let redis: RedisInTrouble;
let federation: Federation;
let second: ServiceProcess;
let urls: [string, string];
let lender: StubbornLender;
let agreed: Agreed[];
const terms = usualTerms(['central', 'lotus', 'harbour'], 1000);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

beforeAll(async () => {
  say(`FAULT_SEED=${SEED}`);
  dir = mkdtempSync(join(tmpdir(), 'causeway-redis-'));
  redis = await RedisInTrouble.start(dir);
  federation = await startTestFederation({ redisUrl: redis.url });
  const ports: [number, number] = [await freePort(), await freePort()];
  second = await startSecondBroker(federation, ports);
  urls = [federation.url('broker'), `http://localhost:${ports[0]}`];
  lender = new StubbornLender(federation, LENDER);
  const people = sandboxSubjects(12, 0).filter(({ kind }) => kind === 'person');
  const asking = federation.lender(LENDER);
  agreed = await Promise.all(people.map((person) => agree(federation, asking, person, terms)));
}, BOOT_MS_MAX);
afterAll(async () => {
  await second.stop();
  await stopTestFederation(federation);
  await redis.stop();
  rmSync(dir, { recursive: true, force: true });
}, BOOT_MS_MAX);

const killWorker: Fault = async () => {
  await second.kill();
  await second.start();
};

describe('a broker whose queue is on Redis', () => {
  test.each<{ what: string; faults: Fault[] }>([
    {
      what: 'S79 kill -9 of Redis, and of a broker',
      faults: [async () => redis.killAndRestart(), killWorker],
    },
    { what: 'S80 a FLUSHALL', faults: [async () => redis.flush()] },
    { what: 'S80 a Redis whose file has lost its end', faults: [async () => redis.loseEndOfFile()] },
    { what: 'S80 a Redis that is full for a while', faults: [async () => redis.fill(1500)] },
    { what: 'S80 a failover to an empty replica', faults: [async () => redis.failOver()] },
  ])(
    '$what amid 48 inquiries: all that was accepted completes, each once',
    async ({ faults }) => {
      const flight = new MidFlight({ sequence: new Sequence(SEED), items: ITEMS, faults });
      const questions = Array.from({ length: ITEMS }, (_, at) => agreed[at % agreed.length] ?? agreed[0]);
      const inquiries = await flight.run(questions, AT_ONCE, async (consent) => {
        if (!consent) throw new Error('nobody agreed');
        const accepted = await lender.accepted(consent, terms, DEADLINE_S);
        flight.reached();
        return accepted;
      });
      expect(flight.underWay).toHaveLength(faults.length);
      await allEnded();
      expect(inquiries).toHaveLength(ITEMS);
      expect(await violations(inquiries)).toEqual([]);
    },
    90_000,
  );

  test('S81 a broker that stands still beyond its locks: another does its work, once', async () => {
    const inquiries = await Promise.all(
      Array.from({ length: ITEMS }, async (_, at) =>
        lender.accepted(agreed[at % agreed.length] as Agreed, terms, DEADLINE_S),
      ),
    );
    const frozen = federation.process('broker').pid ?? 0;
    signalPid(frozen, 'SIGSTOP');
    try {
      await allEnded();
    } finally {
      signalPid(frozen, 'SIGCONT');
    }
    // What it had taken it ends now, late: nobody counts it.
    await lender.resend((inquiries[0] as Accepted).inquiry);
    expect(await violations(inquiries)).toEqual([]);
    const again = await lender.accepted(agreed[0] as Agreed, terms, DEADLINE_S);
    await allEnded();
    expect(await violations([...inquiries, again])).toEqual([]);
  }, 90_000);

  test('S88 a rolling restart under load: one retry cures all, nothing is lost or doubled', async () => {
    const sender = new RetryOnceLender(urls);
    const signed: SignedInquiry[] = [];
    let rolling = true;
    const load = async (): Promise<void> => {
      while (rolling) {
        const inquiry = await sign(agreed[signed.length % agreed.length] as Agreed);
        signed.push(inquiry);
        await sender.send(inquiry);
      }
    };
    const loads = Array.from({ length: 4 }, load);
    for (const broker of [federation.process('broker'), second]) {
      await broker.stop();
      await broker.start();
    }
    rolling = false;
    await Promise.all(loads);
    say(`${signed.length} inquiries, ${sender.retried} of them sent twice`);
    expect(sender.uncured).toEqual([]);
    expect(sender.retried).toBeGreaterThan(0);
    await allEnded();
    const inquiries = signed.map((inquiry) => ({ inquiry, answers: [], sent: 1 }));
    expect(await violations(inquiries)).toEqual([]);
  }, 120_000);
});

function sign({ subjectRef, digest: consent }: Agreed): Promise<SignedInquiry> {
  const { purpose, categories } = terms;
  const question = {
    subjectRef,
    consent,
    purpose,
    categories,
    operator: 'op-9',
    deadlineSeconds: DEADLINE_S,
  };
  return federation.lender(LENDER).sign(question);
}

/** What breaks an invariant, when all leaves of these are placed. */
const violations = (inquiries: readonly Accepted[]) => violationsAtRest(federation, accepting(inquiries));

/** Waits until nothing that was accepted is unfinished. */
async function allEnded(): Promise<void> {
  const open = 'SELECT count(*)::int AS n FROM inquiry WHERE finished_ms IS NULL';
  const left = async () => (await queryDatabase<{ n: number }>(federation, 'broker', open))[0]?.n;
  await expect.poll(left, { timeout: 60_000, interval: 200 }).toBe(0);
}
