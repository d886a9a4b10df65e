import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Digest, EvidenceBundle } from '@causeway/protocol';
import { isStatementType, kidOf, readUnverified } from '@causeway/protocol';
import { type RootFile, rootFingerprint } from '@causeway/protocol/root';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { rotateCertificate } from '@causeway/sandbox/rotation/certificates';
import { headKid, rootFiles, rotateDirectoryKey, rotateRoot } from '@causeway/sandbox/rotation/roots';
import { addKey, rotateStatementKey } from '@causeway/sandbox/rotation/statement-keys';
import { type Agreed, agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { type Lender, verifyEvidence } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { causeway } from './command-line.ts';
import { SteadyLoad } from './steady-load.ts';

const NODES = ['consumer', 'broker', 'central', 'lotus', 'harbour'];
const LENDER = 'abc-bank';
const terms = usualTerms(['central', 'lotus', 'harbour'], 100_000);

let federation: Federation;
let agreed: Agreed;
let load: SteadyLoad;

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  agreed = await agree(federation, federation.lender(LENDER), sandboxSubject('li-na'), terms);
  load = new SteadyLoad({ lender, agreed, terms });
  load.start(3);
  await load.more(5);
});
afterAll(async () => {
  await load.stop();
  await stopTestFederation(federation);
});

/** The lender's client; another one as soon as its key folder holds another key. */
let client: { keys: number; lender: Lender } | undefined;
function lender(): Lender {
  const keys = readdirSync(join(federation.home, 'keys', LENDER)).length;
  if (client?.keys !== keys) client = { keys, lender: federation.lender(LENDER) };
  return client.lender;
}

/** Runs one rotation under the load, and lets some inquiries pass after it; none may fail. */
async function unnoticed<T>(act: () => Promise<T>): Promise<T> {
  const [before, failed] = [load.answered.length, load.failures.length];
  const done = await act();
  await load.more(10);
  expect(load.failures.slice(failed)).toEqual([]);
  expect(load.answered.length).toBeGreaterThan(before);
  return done;
}

/** Of what `causeway keys --json` shows. */
interface Shown {
  root: number;
  keys: { member: string; state: string }[];
}

const kidIn = (jws: string): string => readUnverified(jws).header.kid;
const failureOf = (bundle: string, anchor: Digest, roots?: unknown[]): string => {
  try {
    return verifyEvidence(bundle, anchor, roots).verdict;
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'));
  }
};

describe('S11 under continuous load, with no failed inquiry', () => {
  let first: { id: string; bundle: string };

  beforeAll(async () => {
    const { id } = await inquireUnder(lender(), agreed, terms);
    first = { id, bundle: await lender().evidence(id) };
  });

  test('S11 every member’s statement key is rotated', async () => {
    const members = [...NODES, LENDER];
    const kids = await unnoticed(() =>
      Promise.all(members.map((member) => rotateStatementKey(federation, member))),
    );
    const { id } = await inquireUnder(lender(), agreed, terms);
    const bundle = JSON.parse(await lender().evidence(id)) as EvidenceBundle;
    const signed = [bundle.inquiry, bundle.report, ...bundle.grants, ...bundle.disclosures].map(kidIn);
    expect(new Set(signed)).toEqual(new Set(kids));
    // The consent is as old as its signature, by a key that is retired now.
    expect(kidIn(bundle.consent ?? '')).toBe(kidOf('consumer', federation.keys('consumer').statement));
  });

  test('S11 every node’s certificate is rotated, the authority’s too', async () => {
    const members = [...NODES, 'authority'];
    const thumbprints = await unnoticed(() =>
      Promise.all(members.map((member) => rotateCertificate(federation, member))),
    );
    const served = await Promise.all(members.map((member) => servedBy(member)));
    expect(served).toEqual(thumbprints);
    const view = await federation.lender(LENDER).directory.view();
    const listed = members.map((member) => view.member(member)?.certificates);
    expect(listed).toEqual(thumbprints.map((each) => [each]));
  });

  test('S11 the directory key is rotated through the root file', async () => {
    const kid = await unnoticed(() => rotateDirectoryKey(federation));
    expect(await headKid(federation)).toBe(kid);
    expect(await rootFiles(federation)).toHaveLength(3);
  });

  test('S11 the root keys are rotated', async () => {
    const before = await rootFiles(federation);
    const { version } = await unnoticed(() => rotateRoot(federation, { newRootKeys: 1 }));
    expect(version).toBe(before.length + 1);
    // What only the newest root names is followed with the old anchor, which nobody has configured anew.
    await unnoticed(() => rotateDirectoryKey(federation));
  });

  test('S11 evidence of before still verifies, under the old anchor and under the new one', async () => {
    const { anchor } = federation.card;
    const roots = await rootFiles(federation);
    const { fingerprint } = await rotateRoot(federation);
    const now = await rootFiles(federation);
    expect(failureOf(first.bundle, anchor)).toBe('verified');
    expect(failureOf(first.bundle, fingerprint)).toBe('anchor_mismatch');
    expect(failureOf(first.bundle, fingerprint, now)).toBe('verified');
    // The same evidence fetched now carries the chain: nothing else is needed.
    await expect
      .poll(async () => failureOf(await lender().evidence(first.id), fingerprint), { timeout: 30_000 })
      .toBe('verified');
    const again = await lender().evidence(first.id);
    expect((JSON.parse(again) as EvidenceBundle).roots.slice(0, roots.length)).toEqual(roots);
    expect(failureOf(again, anchor)).toBe('verified');
  });

  test('S11 the command line verifies it from there too, and shows what was retired', async () => {
    const file = join(federation.home, 'first-bundle.json');
    const rootsFile = join(federation.home, 'roots.json');
    writeFileSync(file, first.bundle);
    const roots = await rootFiles(federation);
    writeFileSync(rootsFile, JSON.stringify(roots));
    const younger = ['verify', file, '--anchor', rootFingerprint(roots.at(-1) as RootFile)];
    expect((await causeway(...younger)).exit).toBe(6);
    const { exit, said } = await causeway(...younger, '--roots', rootsFile);
    expect([exit, said]).toEqual([0, expect.stringContaining('verified under the anchor')]);
    const shown = JSON.parse((await causeway('keys', '--json', '--home', federation.home)).said) as Shown;
    const states = shown.keys.flatMap(({ member, state }) => (member === 'broker' ? state : []));
    expect(states.toSorted()).toEqual(['in use', 'in use', 'retired']);
    expect(shown.root).toBe(roots.length);
  });
});

describe('S11 crash point n: new published, old not retired', () => {
  test.each(['lotus', 'consumer'])(
    'n: %s, killed -9 there, comes back: both keys verify, one signs',
    async (member) => {
      await load.stop();
      const before = load.failures.length;
      const old = (await standingKeys(member)).map(({ jwk }) => kidOf(member, jwk));
      expect(old).toHaveLength(1);
      const half = await addKey(federation, member);
      await federation.process(member).kill();
      await federation.process(member).start();
      load.start(3);
      await half.signs();
      await load.more(10);
      expect(load.failures.slice(before)).toEqual([]);
      const both = (await standingKeys(member)).map(({ jwk }) => kidOf(member, jwk));
      expect(both).toEqual([...old, half.kid]);
      const signers = async (): Promise<Set<string>> => {
        const { id } = await inquireUnder(lender(), agreed, terms);
        const bundle = JSON.parse(await lender().evidence(id)) as EvidenceBundle;
        const signed = [...bundle.grants, ...bundle.disclosures].map(kidIn);
        return new Set(signed.filter((kid) => kid.startsWith(`${member}:`)));
      };
      expect(await signers()).toEqual(new Set([half.kid]));
      await half.retireOld();
      await load.more(10);
      expect(load.failures.slice(before)).toEqual([]);
      expect(await signers()).toEqual(new Set([half.kid]));
    },
  );
});

/** The statement keys of a member that are neither retired nor revoked. */
async function standingKeys(member: string) {
  const view = await federation.lender(LENDER).directory.view();
  const keys = view.member(member)?.keys.filter(({ use }) => use.some(isStatementType)) ?? [];
  return keys.filter(({ retired_at, revoked_at }) => (retired_at ?? revoked_at) === undefined);
}

/** The thumbprint of the certificate that a node serves on its federation listener. */
async function servedBy(member: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const port = federation.ports.federation(member);
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase());
    socket.destroy();
  });
  socket.on('error', reject);
  return await promise;
}
