import type { Federation } from '@causeway/sandbox/federation';
import { enact } from '@causeway/sandbox/officer-acts';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { signalPid } from '@causeway/sandbox/pids';
import { agree, inquireUnder, usualTerms, type Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { Acknowledgement, Lender, SignedInquiry } from '@causeway/sdk';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { admitted } from './applicant.ts';
import { lateReleases } from './barrier-check.ts';
import { onlyResult, present, redeemAsBroker } from './federation-call.ts';
import { queryDatabase } from './rows.ts';
import { countsOf } from './untouched.ts';

let federation: Federation;
let lender: Lender;
let agreed: Agreed;
const bureaus = ['central', 'lotus', 'harbour'];
const terms = usualTerms(bureaus, 200);

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  lender = federation.lender('evergreen');
  agreed = await agree(federation, lender, sandboxSubject('li-na'), terms);
});
afterAll(() => stopTestFederation(federation));

interface Acked {
  acknowledgements: Acknowledgement[];
  waiting: string[];
}

const act = async (name: 'suspend' | 'reinstate'): Promise<Acked> =>
  (await enact(federation.url('authority'), federation.ceremony, {
    act: name,
    member: 'evergreen',
  })) as unknown as Acked;

const nodesOf = ({ acknowledgements }: Acked): string[] =>
  acknowledgements.map(({ node }) => node).toSorted();

/** Every test begins with a lender that may ask. */
afterEach(async () => {
  await act('reinstate');
  const again = () =>
    inquireUnder(federation.lender('evergreen'), agreed, terms).then(() => 'answered', String);
  await vi.waitUntil(async () => (await again()) === 'answered', { timeout: 30_000, interval: 500 });
});

function signed(): Promise<SignedInquiry> {
  const { subjectRef, digest: consent } = agreed;
  const { categories, purpose } = terms;
  return lender.sign({ subjectRef, consent, purpose, categories, operator: 'op-1', deadlineSeconds: 60 });
}

/** State and code of an inquiry in the broker's own database: a suspended lender is told nothing. */
async function stateOf({ digest }: SignedInquiry): Promise<string> {
  const text = 'SELECT state, code FROM inquiry WHERE digest = $1';
  type Row = { state: string; code: string | null };
  const [row] = await queryDatabase<Row>(federation, 'broker', text, [digest]);
  return `${row?.state} ${row?.code ?? ''}`.trim();
}

test('S31 a suspension returns when broker and consumer service have acknowledged it', async () => {
  const inquiry = await signed();
  const { grant } = await redeemAsBroker(federation, inquiry.jws);
  const [queued, more] = [await signed(), await signed()];
  const running = await Promise.all([signed(), signed(), signed(), signed()]);
  const submitted = Promise.allSettled(running.map((each) => lender.submit(each)));
  const receipt = await act('suspend');
  expect([nodesOf(receipt), receipt.waiting]).toEqual([['broker', 'consumer'], []]);
  await submitted;
  for (const each of [queued, more]) {
    const { result } = await redeemAsBroker(federation, each.jws);
    expect([result.grants, result.code ?? result.error?.code]).toEqual([undefined, 'member_suspended']);
    await expect(lender.submit(each)).rejects.toMatchObject({ code: 'member_suspended' });
  }
  const digests = running.map(({ digest }) => digest);
  for (const each of running) {
    await expect.poll(() => stateOf(each), { timeout: 30_000 }).not.toMatch(/^(accepted|running)/u);
  }
  const ofBroker = receipt.acknowledgements.filter(({ node }) => node === 'broker');
  expect(await lateReleases(federation, digests, { acknowledgements: ofBroker })).toEqual([]);
  // Bureaus are not asked to acknowledge: they follow the directory, and a grant lives for seconds.
  const refusal = async () => {
    const item = { by: 'broker', to: 'lotus', inquiry: inquiry.jws, grant: grant('lotus') };
    const { disclosure, code, error } = onlyResult(await present(federation, item));
    return disclosure === undefined ? (code ?? error?.code) : 'disclosed';
  };
  const codes = /^(member_suspended|time_window|expired|not_authorised)$/u;
  await expect.poll(refusal, { timeout: 10_000, interval: 200 }).toMatch(codes);
});

test('S31 what a suspended member has in the queue releases nothing later', async () => {
  const waiting = 30;
  // With the consumer service away the broker accepts and cannot start.
  signalPid(federation.process('consumer').pid ?? 0, 'SIGSTOP');
  const inquiries = await Promise.all(Array.from({ length: waiting }, signed));
  try {
    for (const each of inquiries) expect((await lender.submit(each)).state).toBe('accepted');
    await federation.process('broker').kill();
  } finally {
    signalPid(federation.process('consumer').pid ?? 0, 'SIGCONT');
  }
  const before = await countsOf(federation, [...bureaus]);
  const receipt = await act('suspend');
  expect([nodesOf(receipt), receipt.waiting]).toEqual([['consumer'], ['broker']]);
  await federation.process('broker').start();
  for (const each of inquiries) {
    const settled = /^(refused|failed) member_suspended$/u;
    await expect.poll(() => stateOf(each), { timeout: 60_000 }).toMatch(settled);
  }
  expect(await countsOf(federation, [...bureaus])).toEqual(before);
});

/** What the consumer service holds: the version, and how many entries of the newcomer. */
async function held(): Promise<{ version: number; newcomer: number }> {
  const text = `SELECT version::int, (SELECT count(*)::int FROM directory_entry
    WHERE body LIKE '%"newcomer-bank"%') AS newcomer FROM directory_state`;
  type Row = { version: number; newcomer: number };
  return (await queryDatabase<Row>(federation, 'consumer', text))[0] ?? { version: 0, newcomer: 0 };
}

test('S32 without witnesses a newcomer is not adopted, and a suspension is obeyed all the same', async () => {
  const inquiry = await signed();
  const before = await held();
  const witnesses = ['broker', ...bureaus].map((member) => federation.process(member).pid ?? 0);
  for (const pid of witnesses) signalPid(pid, 'SIGSTOP');
  let receipt: Promise<Acked> | undefined;
  try {
    // One witness is left, which is the consumer service itself.
    await admitted(federation, {
      ...{ id: 'newcomer-bank', role: 'lender' },
      keysDir: join(federation.home, 'keys/newcomer-bank'),
    });
    const log = () => readFileSync(federation.process('consumer').logFile, 'utf8');
    await expect.poll(log, { timeout: 15_000 }).toContain('"event":"directory_unproven"');
    expect((await redeemAsBroker(federation, inquiry.jws)).result.grants).toBeDefined();
    receipt = act('suspend');
    const refusal = async () => {
      const { result } = await redeemAsBroker(federation, inquiry.jws);
      return result.grants === undefined ? (result.code ?? result.error?.code) : 'granted';
    };
    await expect.poll(refusal, { timeout: 9000, interval: 200 }).toBe('member_suspended');
    expect(await held()).toEqual(before);
  } finally {
    for (const pid of witnesses) signalPid(pid, 'SIGCONT');
  }
  // With its witnesses the ledger shows both, and the consumer service can acknowledge.
  await receipt;
  await expect.poll(held, { timeout: 20_000 }).toMatchObject({ newcomer: 1 });
  expect((await held()).version).toBeGreaterThanOrEqual(before.version + 2);
});
