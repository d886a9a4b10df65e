import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import type { Federation } from '@causeway/sandbox/federation';
import { signalPid } from '@causeway/sandbox/pids';
import { sandboxSubject, type SandboxSubject } from '@causeway/sandbox/people/persons';
import { accessesOf } from '@causeway/sandbox/story/accesses-of';
import { agree, inquireUnder, usualTerms, type Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import {
  freezeNonce,
  type Lender,
  linkNonce,
  pauseNonce,
  resumptionNonce,
  revocationNonce,
  sessionNonce,
  type SignedInquiry,
  type StopReceipt,
  thawNonce,
} from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkedAcks, lateReleases } from './barrier-check.ts';
import { claimsOf, onlyResult, present, redeemAsBroker } from './federation-call.ts';
import { NOBODY, refusedWriting } from './untouched.ts';

let federation: Federation;
let lender: Lender;
const liNa = sandboxSubject('li-na');
const wangThin = sandboxSubject('wang-thin');
const zhou = sandboxSubject('zhou-late');
const bureaus = ['central', 'lotus', 'harbour'];
const everyNode = ['broker', 'central', 'harbour', 'lotus'];
const terms = (maxUses: number) => usualTerms(bureaus, maxUses);

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  lender = federation.lender('abc-bank');
});
afterAll(() => stopTestFederation(federation));

type Who = Pick<SandboxSubject, 'identifier'>;

const fresh = (): string => uuidv7(systemClock, systemRandom);
const consented = (who: Who = liNa): Promise<Agreed> => agree(federation, lender, who, terms(100));
const token = (who: Who, nonce: string): Promise<string> => federation.idToken(who, nonce);
const revoke = async ({ id }: Agreed, who: Who = liNa) =>
  federation.subject().revoke(id, await token(who, revocationNonce(id)));
const freeze = async (who: Who) => federation.subject().freeze(await token(who, freezeNonce(fresh())));
const thaw = async (id: string, who: Who) => federation.subject().thaw(id, await token(who, thawNonce(id)));

function signed({ subjectRef, digest: consent }: Agreed): Promise<SignedInquiry> {
  const { categories, purpose } = terms(1);
  return lender.sign({ subjectRef, consent, purpose, categories, operator: 'op-1', deadlineSeconds: 60 });
}

const nodesOf = ({ acknowledgements }: StopReceipt): string[] =>
  acknowledgements.map(({ node }) => node).toSorted();

/** The code with which an inquiry under this consent is refused, all the way. */
async function codeUnder(agreed: Agreed): Promise<string> {
  return inquireUnder(lender, agreed, terms(1)).then(
    () => 'answered',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}

/** The receipt of a revocation once nobody is waited for any more: the same act again brings it. */
async function acknowledgedByAll(agreed: Agreed): Promise<StopReceipt> {
  const receipts: StopReceipt[] = [];
  const waiting = async (): Promise<string[]> => {
    const receipt = await revoke(agreed);
    receipts.push(receipt);
    return receipt.waiting;
  };
  // Two id_tokens of one second are one and the same, which is good once.
  await expect.poll(waiting, { timeout: 40_000, interval: 1100 }).toEqual([]);
  const last = receipts.at(-1);
  if (!last) throw new RangeError('no receipt');
  return last;
}

/** The state in which an inquiry comes to rest. */
async function settled({ id }: SignedInquiry): Promise<string> {
  let view = await lender.status(id);
  const rest = async (): Promise<boolean> => {
    view = await lender.status(id);
    return !['accepted', 'running'].includes(view.state);
  };
  await expect.poll(rest, { timeout: 60_000, interval: 100 }).toBe(true);
  return view.state;
}

describe('a consent that is revoked', () => {
  test('S36 while grants live: every node acknowledges, and no grant releases anything after', async () => {
    const agreed = await consented();
    const { jws } = await signed(agreed);
    const { grant } = await redeemAsBroker(federation, jws);
    const receipt = await revoke(agreed);
    expect([nodesOf(receipt), receipt.waiting]).toEqual([everyNode, []]);
    expect(await checkedAcks(federation, receipt)).toHaveLength(4);
    const exp = Number(claimsOf(grant('lotus'))['exp']);
    expect(Date.now() / 1000, 'the call did not wait for the grants to end').toBeLessThan(exp);
    for (const bureau of bureaus) {
      const item = { by: 'broker', to: bureau, inquiry: jws, grant: grant(bureau) };
      const besides = { ...NOBODY, [bureau]: { answer: 1, leaves: 1 } };
      const { disclosure, code } = onlyResult(
        await refusedWriting(federation, besides, () => present(federation, item)),
      );
      expect([disclosure, code]).toEqual([undefined, 'not_authorised']);
    }
  });

  test('S36 among running inquiries: what is released lies below each ack, round after round', async () => {
    for (let round = 0; round < 6; round += 1) {
      const agreed = await consented();
      const inquiries = await Promise.all(Array.from({ length: 8 }, () => signed(agreed)));
      const [first, ...others] = inquiries;
      if (!first) throw new RangeError('no inquiries');
      await lender.submit(first);
      // In every other round something has been released when the stop comes; in the others perhaps not.
      const ended = round % 2 === 0 ? await settled(first) : 'perhaps';
      const submitted = others.map((inquiry) => lender.submit(inquiry));
      await Promise.all(submitted.slice(0, round + 1));
      const receipt = await revoke(agreed);
      await Promise.all(submitted);
      await Promise.all(inquiries.map(settled));
      expect(['complete', 'perhaps']).toContain(ended);
      expect(receipt.waiting).toEqual([]);
      const digests = inquiries.map(({ digest }) => digest);
      expect(await lateReleases(federation, digests, receipt)).toEqual([]);
      // The same question to a node that would have acknowledged at once tells of what was released.
      const atOnce = receipt.acknowledgements.map((ack) => ({ ...ack, tree_size: 0 }));
      const released = await lateReleases(federation, digests, { acknowledgements: atOnce });
      const everywhere = new Set(released.map(({ node }) => node)).size === everyNode.length;
      expect(ended !== 'complete' || everywhere, 'what was released is seen').toBe(true);
    }
  });

  test('S36 a node that stands still holds the call while its grants live, and is told later', async () => {
    const agreed = await consented();
    const { jws, digest } = await signed(agreed);
    const { grant } = await redeemAsBroker(federation, jws);
    const lotus = federation.process('lotus').pid ?? 0;
    signalPid(lotus, 'SIGSTOP');
    const start = performance.now();
    let receipt: StopReceipt;
    try {
      receipt = await revoke(agreed);
    } finally {
      signalPid(lotus, 'SIGCONT');
    }
    expect(performance.now() - start).toBeLessThan(20_500);
    expect([nodesOf(receipt), receipt.waiting]).toEqual([['broker', 'central', 'harbour'], ['lotus']]);
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(Number(claimsOf(grant('lotus'))['exp']));
    const later = await acknowledgedByAll(agreed);
    expect([later.receipt, nodesOf(later)]).toEqual([receipt.receipt, everyNode]);
    // The status it was first sent had become too old to be taken: it has acknowledged another one.
    expect(later.acknowledgements.find(({ node }) => node === 'lotus')?.status).toMatch(/^ey/);
    expect(await checkedAcks(federation, later)).toHaveLength(4);
    expect(await lateReleases(federation, [digest], later)).toEqual([]);
    const item = { by: 'broker', to: 'lotus', inquiry: jws, grant: grant('lotus') };
    const answer = await refusedWriting(federation, NOBODY, () => present(federation, item));
    expect(onlyResult(answer)).toMatchObject({ error: { code: 'expired' } });
  });

  test('S36 a consumer service killed before it had told anybody tells all after its start', async () => {
    const agreed = await consented();
    const { jws, digest } = await signed(agreed);
    await redeemAsBroker(federation, jws);
    const stopped = bureaus.map((bureau) => federation.process(bureau).pid ?? 0);
    for (const pid of stopped) signalPid(pid, 'SIGSTOP');
    const call = revoke(agreed).catch(() => 'cut off');
    const committed = async (): Promise<string> => codeOf(await redeemAsBroker(federation, jws));
    await expect.poll(committed, { timeout: 10_000, interval: 50 }).toBe('consent_revoked');
    await federation.process('consumer').kill();
    for (const pid of stopped) signalPid(pid, 'SIGCONT');
    expect(await call).toBe('cut off');
    await federation.process('consumer').start();
    const receipt = await acknowledgedByAll(agreed);
    expect(nodesOf(receipt)).toEqual(everyNode);
    expect(await lateReleases(federation, [digest], receipt)).toEqual([]);
  });

  const codeOf = ({ result }: Awaited<ReturnType<typeof redeemAsBroker>>) => result.code ?? 'granted';
});

describe('a consent that is paused', () => {
  test('S36 gives nothing until it is resumed, neither new grants nor those that live', async () => {
    const agreed = await consented(wangThin);
    const { id } = agreed;
    const { jws } = await signed(agreed);
    const { grant } = await redeemAsBroker(federation, jws);
    const paused = await federation.subject().pause(id, await token(wangThin, pauseNonce(id)));
    expect([paused.status, nodesOf(paused), paused.waiting]).toEqual(['paused', everyNode, []]);
    expect(await codeUnder(agreed)).toBe('consent_paused');
    const item = { by: 'broker', to: 'lotus', inquiry: jws, grant: grant('lotus') };
    expect(onlyResult(await present(federation, item))).toMatchObject({ code: 'not_authorised' });
    const resumed = await federation.subject().resume(id, await token(wangThin, resumptionNonce(id)));
    expect([resumed.status, resumed.waiting]).toEqual(['active', []]);
    expect(await codeUnder(agreed)).toBe('answered');
    const sequences = [paused, resumed].map(({ receipt }) => claimsOf(receipt)['sequence']);
    expect(sequences).toEqual([1, 2]);
  });
});

describe('a subject who has frozen all access', () => {
  test('S36 is not asked about under any consent, old or new, until they sign in to lift it', async () => {
    const [old, other] = [await consented(zhou), await consented(zhou)];
    const { jws } = await signed(old);
    const { grant } = await redeemAsBroker(federation, jws);
    const frozen = await freeze(zhou);
    expect([nodesOf(frozen), frozen.waiting]).toEqual([everyNode, []]);
    const given = await consented(zhou);
    for (const agreed of [old, other, given]) expect(await codeUnder(agreed)).toBe('subject_frozen');
    const item = { by: 'broker', to: 'central', inquiry: jws, grant: grant('central') };
    expect(onlyResult(await present(federation, item))).toMatchObject({ code: 'not_authorised' });
    const wrong = token(zhou, sessionNonce(fresh()));
    await expect(federation.subject().thaw(frozen.id, await wrong)).rejects.toMatchObject({
      code: 'token_invalid',
    });
    expect(await codeUnder(old)).toBe('subject_frozen');
    expect((await thaw(frozen.id, zhou)).waiting).toEqual([]);
    for (const agreed of [old, other, given]) expect(await codeUnder(agreed)).toBe('answered');
  });

  test('S16 is frozen under every identifier: a freeze on one, an inquiry on another of theirs', async () => {
    const passport: Who = { identifier: { scheme: 'passport', value: 'CHNE12345678' } };
    const person = sandboxSubject('wu-conflict');
    const [byPassport, byId] = [await consented(passport), await consented(person)];
    expect(await codeUnder(byPassport)).toBe('answered');
    const nonce = linkNonce(fresh());
    const subject = federation.subject();
    await subject.requestLink(await token(passport, nonce));
    const session = await subject.openSession(await token(passport, sessionNonce(fresh())));
    await subject.link(session, await token(person, nonce));
    const frozen = await freeze(person);
    expect(frozen.waiting).toEqual([]);
    for (const agreed of [byPassport, byId]) expect(await codeUnder(agreed)).toBe('subject_frozen');
    const [first, second] = await accessesOf(federation, person);
    expect([first?.code, second?.code]).toEqual(['subject_frozen', 'subject_frozen']);
    expect((await thaw(frozen.id, { identifier: passport.identifier })).waiting).toEqual([]);
    for (const agreed of [byPassport, byId]) expect(await codeUnder(agreed)).toBe('answered');
  });

  test('S16 a second identifier that is linked while frozen is frozen from then on', async () => {
    const passport: Who = { identifier: { scheme: 'passport', value: 'UTOL898902C3' } };
    const person = sandboxSubject('rare-name');
    const agreed = await consented(passport);
    const frozen = await freeze(person);
    expect(await codeUnder(agreed)).toBe('answered');
    const nonce = linkNonce(fresh());
    const subject = federation.subject();
    await subject.requestLink(await token(person, nonce));
    const session = await subject.openSession(await token(person, sessionNonce(fresh())));
    await subject.link(session, await token(passport, nonce));
    expect(await codeUnder(agreed)).toBe('subject_frozen');
    expect((await thaw(frozen.id, person)).waiting).toEqual([]);
    expect(await codeUnder(agreed)).toBe('answered');
  });
});
