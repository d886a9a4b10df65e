import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noFaults, systemRandom } from '@causeway/kernel';
import type { Clock } from '@causeway/kernel';
import { lockSubjectsExclusive, type Stopped } from '@causeway/member';
import { keysIn } from '@causeway/member/erasure/subject-keys.fixture';
import { NATIONAL_POLICY } from '@causeway/policy';
import { digestOf, readUnverified, sha256Digest, sign } from '@causeway/protocol';
import type { ClaimsOf, Digest, StatementType, UnsignedClaims } from '@causeway/protocol';
import { directoryWith, fed, keyOf, now, subject } from '@causeway/protocol/federation.fixture';
import type { CreditRecord } from '@causeway/records';
import type { Identifier } from '@causeway/records/identifiers';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, PeerFailure } from '@causeway/service';
import { baseApp } from '@causeway/service/base-app';
import { memoryLog } from '@causeway/service/shell.fixture';
import { plainServer } from '@causeway/service/server';
import { sql } from 'kysely';

import type { Bureau } from './bureau.ts';
import { answersOf } from './disclosures/disclose.ts';
import { disclosureRoutes } from './disclosures/route.ts';
import { Passkeys } from './enrolments/passkeys.ts';
import { rulesHere } from './life/rules-here.ts';
import { openSpool } from './publishing/spool.ts';
import { rosterOf } from './roster/roster.ts';
import { hostedSource } from './sources/hosted/read.ts';
import { chunkWriter } from './store/commit-chunk.ts';
import { nextVersion } from './store/next-version.ts';
import type { BureauTables } from './tables.ts';

/** The bureau that tests are about; `lotus` is another one. */
const ME = 'central';

/** Both clocks of the world, moved by hand. */
interface HandClock extends Clock {
  wallMs: number;
  monotonicMs: number;
  advance(ms: number): void;
}

function handClock(): HandClock {
  return {
    wallMs: now * 1000,
    monotonicMs: 5000,
    now() {
      return this.wallMs;
    },
    monotonic() {
      return this.monotonicMs;
    },
    advance(ms) {
      this.wallMs += ms;
      this.monotonicMs += ms;
    },
  };
}

/** Stands in for the authority's blind evaluation: some reference, the same for the same identifier. */
export const refOf = ({ scheme, value }: Identifier): string =>
  `s1.1.${sha256Digest(`${scheme}:${value}`).slice('sha-256:'.length)}`;

async function nobodyAnswers(): Promise<never> {
  throw new PeerFailure('unreachable');
}

/** A bureau's features over a real database, with members that sign. */
export async function createWorld(
  { url, ownerUrl }: TestDatabase,
  change: Partial<Bureau> = {},
  spoolDir?: string,
) {
  const { log, lines } = memoryLog();
  const clock = handClock();
  const database = createDatabase<BureauTables>({ url, name: 'bureau-test', max: 12, log });
  const dir = spoolDir ?? (await mkdtemp(join(tmpdir(), 'causeway-spool-')));
  const sealing = new Uint8Array(32).fill(9);
  const subjectKeys = keysIn(database, clock, sealing);
  const directory = { current: directoryWith().view };
  const following = { view: () => directory.current, refresh: async () => undefined };
  const life = rulesHere({ view: () => directory.current }, ME);
  const parts: Omit<Bureau, 'answers'> = {
    ...{ fed, me: ME, key: keyOf(ME), sealing, clock, random: systemRandom, log, faults: noFaults },
    ...{ db: database.db, pool: database.pool },
    directory: following,
    subjectKeys,
    ...{ policy: NATIONAL_POLICY, life, federation: { call: async () => await nobodyAnswers() } },
    source: hostedSource,
    roster: rosterOf(database.db, subjectKeys),
    passkeys: new Passkeys({ fed, me: ME, clock, db: database.db, directory: following }),
    references: async (identifiers) => identifiers.map((each) => [refOf(each)]),
    spool: openSpool({ dir, sealing, clock, random: systemRandom }),
    commitChunk: chunkWriter(database.pool, { clock, life }),
    ...change,
  };
  const bureau: Bureau = { ...parts, answers: answersOf(parts) };
  const world = { bureau, clock, directory, log: lines, spoolDir: dir, pool: database.pool };
  return {
    ...world,
    ...statements(clock),
    ...rows(bureau),
    ask: asking(bureau),
    /** As before the first test: the owner empties what the service itself cannot. */
    reset: async () => {
      const owner = createDatabase<BureauTables>({ url: ownerUrl, name: 'owner', max: 1, log });
      await owner.pool.query(
        `TRUNCATE answer, record, subject, batch, mapping, rejection, leaf_staging, leaf, subject_status,
           record_version, tombstone, mark, batch_warning, batch_upload, batch_sign_off, disappeared,
           quality_count, enrolment_pin, dispute, dispute_step, native_item, roster,
           staff_session, used_staff_token, staff_read`,
      );
      await owner.close();
      Object.assign(clock, handClock());
      directory.current = directoryWith().view;
    },
    close: async () => {
      await database.close();
      await rm(dir, { recursive: true });
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Inquiries of a lender and grants of the consumer service, good unless a test changes a claim. */
function statements(clock: Clock) {
  const by = (member: string) => ({ key: keyOf(member), fed, clock, random: systemRandom });
  const seconds = () => Math.floor(clock.now() / 1000);
  const signAs = <T extends StatementType>(member: string, type: T, claims: UnsignedClaims<T>) =>
    sign(type, claims, by(member));
  const inquiry = (change: Partial<UnsignedClaims<'inquiry'>> = {}, lender = 'abc-bank'): string =>
    signAs(lender, 'inquiry', {
      ...{ aud: 'broker', exp: seconds() + 1200, deadline: seconds() + 60, subject_ref: subject },
      ...{ consent: sha256Digest('consent'), purpose: 'LOAN_APPROVAL', categories: ['ACCOUNT_SUMMARY'] },
      ...{ profile: 'report', operator: 'op-1', delivery: 'merged', ...change },
    }).jws;
  const grant = (asked: string, change: Partial<UnsignedClaims<'grant'>> = {}, issuer = 'consumer'): string =>
    signAs(issuer, 'grant', {
      ...{ aud: ME, presenter: 'broker', subject_ref: subject, inquiry: digestOf(asked), use: 1 },
      ...{ exp: (change.iat ?? seconds()) + 15, consent: sha256Digest('consent'), directory_version: 7 },
      ...{
        categories: ['ACCOUNT_SUMMARY'],
        obligations: [],
        strength: 'idp',
        policy_version: 'cn-2026.1',
        ...change,
      },
    }).jws;
  return { inquiry, grant, signAs };
}

/** What one item came to, as the broker receives it. */
interface ItemResult {
  disclosure?: string;
  refusal?: string;
  code?: string;
  error?: { code: string };
}

interface Asked {
  inquiry: string;
  grant: string;
  consent?: string;
  passkey?: unknown;
}

/** POST /v1/disclosures as a peer; the connection's identity is the test's word. */
function asking(bureau: Bureau) {
  return async (
    items: Asked[],
    peer = 'broker',
  ): Promise<{ status: number; results: ItemResult[]; code?: string }> => {
    const app = baseApp({ log: bureau.log, clock: bureau.clock, random: systemRandom }, plainServer);
    app.decorateRequest('peer', '');
    app.addHook('onRequest', async (request) => {
      request.peer = peer;
    });
    disclosureRoutes(app, bureau);
    const answer = await app.inject({ method: 'POST', url: '/v1/disclosures', payload: { items } });
    await app.close();
    return { status: answer.statusCode, results: [], ...answer.json<object>() };
  };
}

/** Looks behind the curtain, and puts things there. */
function rows({ clock, db, life }: Bureau) {
  const count = async (table: string): Promise<number> => {
    const result = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(db);
    return result.rows[0]?.n ?? -1;
  };
  return {
    count,
    /** Answers and leaves: both zero means that nothing was decided, recorded or released. */
    traces: async () => ({ answers: await count('answer'), leaves: await count('leaf_staging') }),
    store: async (
      ref: string,
      records: readonly CreditRecord[],
      kind: 'person' | 'enterprise' = 'person',
    ) => {
      await db.insertInto('subject').values({ subject_ref: ref, kind }).execute();
      for (const body of records) {
        const at = { subjectKind: kind, rules: life(), nowMs: clock.now() };
        const next = nextVersion(body, undefined, at);
        if (next.kind !== 'version') throw new RangeError('nothing of it is kept');
        const { record, source_record_id } = body;
        await db
          .insertInto('record')
          .values({ ...next.row, subject_ref: ref, record, source_record_id, batch: 1, marks: null })
          .execute();
      }
    },
    stop: async (ref: string, consent: Digest | '', state: Stopped) =>
      await db.transaction().execute(async (trx) => {
        await lockSubjectsExclusive(trx, [ref]);
        const [held, from] = state === 'restricted' ? ['frozen', clock.now()] : [state, null];
        await sql`INSERT INTO subject_status
            (subject_ref, consent, state, sequence, status_digest, restricts_from_ms)
          VALUES (${ref}, ${consent}, ${held}, 1, 'x', ${from}::bigint)`.execute(trx);
      }),
  };
}

export const account = (
  id: string,
  change: Partial<Extract<CreditRecord, { record: 'account' }>> = {},
): CreditRecord => ({
  ...{ record: 'account', category: 'ACCOUNT_SUMMARY', record_id: `account-${id}`, source_record_id: id },
  ...{
    as_of: '2026-10-31',
    account_ref: id,
    type: 'term',
    currency: 'CNY',
    status: 'normal',
    balance: '100',
    ...change,
  },
});

/** What a statement of this type says, its signature unchecked. */
export const claimsOf = <T extends StatementType>(_type: T, jws: string): ClaimsOf<T> =>
  readUnverified(jws).claims as ClaimsOf<T>;
