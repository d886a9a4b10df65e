import { noFaults, systemRandom, type Clock } from '@causeway/kernel';
import {
  generateKey,
  sha256Digest,
  sign,
  signingKeyFromJwk,
  thumbprint,
  type DirectoryView,
  type KeyEntry,
  type MemberEntry,
  type Role,
  type SigningKey,
  type UnsignedClaims,
} from '@causeway/protocol';
import { keysIn } from '@causeway/member/erasure/subject-keys.fixture';
import { NATIONAL_POLICY } from '@causeway/policy';
import { openLedgerStore, type BlindReferences } from '@causeway/member';
import { createDatabase, createLog, Waiters } from '@causeway/service';
import { party } from '@causeway/protocol/passkey.fixture';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { approve } from './consents/approve.ts';
import type { GivenConsent } from './consents/give.ts';
import { requestConsent } from './consent-requests/service.ts';
import type { ConsentRequestBody } from './consent-requests/schema.ts';
import type { Consumer } from './consumer.ts';
import { ConsentCache } from './grants/consent-cache.ts';
import { groupRedemptions } from './grants/redemptions.ts';
import { idTokenVerifier } from './subjects/id-token.ts';
import { officers } from './test-warrants.ts';
import { subjectReferences } from './subjects/references.ts';
import type { ConsumerTables } from './tables.ts';
import { TestNodes } from './test-nodes.ts';

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

const issuer = 'http://localhost:7000';
const clientId = 'portal';
const startMs = Date.UTC(2026, 10, 22, 8);
const members: Readonly<Record<string, Role>> = {
  authority: 'authority',
  consumer: 'consumer',
  broker: 'broker',
  'other-broker': 'broker',
  central: 'bureau',
  lotus: 'bureau',
  harbour: 'bureau',
  'abc-bank': 'lender',
  evergreen: 'lender',
};

/** Valid numbers of nobody: region 990000. */
export const persons = {
  lina: { scheme: 'gb11643', value: '990000199001010025' },
  wang: { scheme: 'gb11643', value: '990000198502030011' },
} as const;

/** The consumer service's features over a real database, with members that sign and persons that sign in. */
export async function createWorld(url: string) {
  const log = createLog({ name: 'test', level: 'silent' });
  const database = createDatabase<ConsumerTables>({ url, name: 'consumer-test', max: 16, log });
  const clock = testClock();
  const directory = testDirectory(clock);
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'idp', alg: 'ES256' };
  const keys = createLocalJWKSet({ keys: [jwk] });
  const sealing = new Uint8Array(32).fill(7);
  const epochs = ['1'];
  const subjectKeys = keysIn(database, clock, sealing);
  const nodes = new TestNodes(clock, directory.view.keys, directory.key);
  const consumer: Consumer = {
    fed: 'test',
    publicUrl: 'http://localhost:7200',
    db: database.db,
    pool: database.pool,
    faults: noFaults,
    clock,
    random: systemRandom,
    log,
    directory: () => directory.view,
    catchUp: async () => undefined,
    mayGrant: () => true,
    ledger: openLedgerStore(database.pool, { operator: 'consumer', authority: 'authority' }),
    federation: { call: nodes.call },
    consents: new ConsentCache(),
    warrants: async (_authority, digest) => nodes.warrants.get(digest),
    key: directory.key('consumer'),
    waiters: new Waiters(),
    mails: true,
    policy: NATIONAL_POLICY,
    officers: new Map(officers.map((key) => [thumbprint(key), key])),
    sealing,
    subjectKeys,
    verifyIdToken: idTokenVerifier({ issuer, clientId, keys, clock }),
    references: subjectReferences({
      db: database.db,
      sealing,
      random: systemRandom,
      source: sourceIn(epochs),
      subjectKeys,
    }),
  };
  /** Another process of the service: its own memory and connections, the same database and keys. */
  const replica = (change: Partial<Consumer> = {}, name = 'consumer-replica') => {
    const own = createDatabase<ConsumerTables>({ url, name, max: 16, log });
    const fresh = {
      consents: new ConsentCache(),
      waiters: new Waiters<true>(),
      subjectKeys: keysIn(own, clock, sealing),
    };
    const other = { ...consumer, db: own.db, pool: own.pool, ...fresh, ...change };
    return { consumer: other, redemptions: groupRedemptions(other), close: () => own.close() };
  };
  const world = {
    replica,
    consumer,
    clock,
    directory,
    issuer,
    clientId,
    idpKey: privateKey,
    nodes,
    /** Of references; a test adds the next one, and drops the last. */
    epochs,
    redemptions: groupRedemptions(consumer),
    close: () => database.close(),
  };
  return { ...world, ...personActs(consumer, clock, privateKey), ...statements(consumer, directory) };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Stands in for the authority's blind evaluation, in these epochs, the current one first. */
const sourceIn = (epochs: string[]): BlindReferences => ({
  inEachEpoch: async (act) => await Promise.all(epochs.map(act)),
  derive: async (inputs, epoch) => await Promise.all(inputs.map((input) => referenceOf(input, epoch))),
});

/** Some reference, the same for the same identity and epoch. */
async function referenceOf(input: Uint8Array, epoch = '1'): Promise<string> {
  return `s1.${epoch}.${sha256Digest(input).slice('sha-256:'.length)}`;
}

export const refOf = ({ scheme, value }: { scheme: string; value: string }, epoch?: string) =>
  referenceOf(new TextEncoder().encode(`${scheme}:${value}`), epoch);

function testClock(): TestClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

function testDirectory(clock: Clock) {
  const signing = new Map<string, SigningKey>();
  const keys = new Map<string, KeyEntry>();
  const entries = new Map<string, MemberEntry>();
  const from = Math.floor(clock.now() / 1000) - 1000;
  const use = [
    ...(['consent', 'inquiry', 'grant', 'disclosure', 'report', 'refusal', 'status', 'ack'] as const),
    ...(['dispute', 'handling', 'correction', 'enrolment', 'mandate', 'assistance', 'erasure'] as const),
  ];
  for (const [member, role] of Object.entries(members)) {
    const key = signingKeyFromJwk(member, generateKey());
    signing.set(member, key);
    keys.set(key.kid, { member, jwk: key.jwk, use, from, member_status: 'active' });
    entries.set(member, {
      ...{ v: 1, id: member, legal_name: member, roles: [role], class: 'A', jurisdiction: 'CN' },
      ...{ status: 'active', keys: [], endpoints: {}, certificates: [] },
      ...(role === 'consumer' ? { passkeys: { ...party, origins: [...party.origins] } } : {}),
    });
  }
  const view = {
    ...{
      version: 3,
      fed: 'test',
      issuedAtMs: startMs,
      expiresAtMs: startMs + 600_000,
      statementVersions: [1],
    },
    policy: { version: 'cn-2026.1', digest: sha256Digest('policy') },
    keys: (kid: string) => keys.get(kid),
    member: (id: string) => entries.get(id),
    membersWith: (role: Role) => [...entries.values()].filter(({ roles }) => roles.includes(role)),
    evidence: { roots: [], head: '', entries: [] },
  } satisfies DirectoryView;
  const key = (member: string): SigningKey => {
    const found = signing.get(member);
    if (!found) throw new Error(`no key of ${member}`);
    return found;
  };
  return { view: view as DirectoryView, key, entries, keys };
}

function personActs(consumer: Consumer, clock: Clock, idpKey: CryptoKey) {
  const idToken = async (claims: object, header: object = {}): Promise<string> => {
    const iat = Math.floor(clock.now() / 1000);
    const body = { iss: issuer, aud: clientId, sub: 'x', iat, exp: iat + 300, ...claims };
    return await new SignJWT(body).setProtectedHeader({ alg: 'ES256', kid: 'idp', ...header }).sign(idpKey);
  };
  /** A request by a lender and the person's approval. */
  const consentOf = async (
    identity: { scheme: string; value: string },
    terms: Partial<ConsentRequestBody> = {},
    lender = 'abc-bank',
  ): Promise<GivenConsent> => {
    const asked = await ask(consumer, await refOf(identity), terms, lender);
    const nonce = `approve:${asked.id}:${asked.form_digest}`;
    return await approve(consumer, asked.id, await idToken({ identity, nonce }));
  };
  return { idToken, consentOf };
}

let requests = 0;

/** A lender's request, with its own idempotency key. */
export async function ask(
  consumer: Consumer,
  subjectRef: string,
  terms: Partial<ConsentRequestBody> = {},
  lender = 'abc-bank',
) {
  requests += 1;
  const body: ConsentRequestBody = {
    subject_ref: subjectRef,
    kind: 'query',
    purposes: ['LOAN_APPROVAL'],
    categories: ['ACCOUNT_SUMMARY', 'REPAYMENT_HISTORY'],
    bureaus: ['central', 'lotus'],
    valid_days: 30,
    fetch: 'once',
    max_uses: 1,
    recipient_retention: 'P1Y',
    language: 'en',
    ...terms,
  };
  const answer = await requestConsent(consumer, { lender, key: `key-${requests}` }, body);
  return answer as { id: string; form: { text: string }; form_digest: string; status: string };
}

function statements(consumer: Consumer, directory: ReturnType<typeof testDirectory>) {
  const { clock, random, fed } = consumer;
  const by = (member: string) => ({ key: directory.key(member), fed, clock, random });
  const inquiry = (claims: Partial<UnsignedClaims<'inquiry'>>, lender = 'abc-bank') => {
    const deadline = Math.floor(clock.now() / 1000) + 60;
    const defaults = { aud: 'broker', deadline, exp: deadline + 3600, purpose: 'LOAN_APPROVAL' as const };
    const rest = { profile: 'report', operator: 'op-1', delivery: 'merged' } as const;
    const subject_ref = claims.subject_ref ?? '';
    const categories = claims.categories ?? ['ACCOUNT_SUMMARY'];
    return sign('inquiry', { ...defaults, ...rest, ...claims, subject_ref, categories }, by(lender));
  };
  return { inquiry, by };
}
