import type { HotStatement, HotTransaction } from '@causeway/service';
import { sql } from 'kysely';
import type { Transaction } from 'kysely';
import type pg from 'pg';

/**
 * Why nothing may be released for a subject under a consent. `restricted`: frozen because they want to be
 * erased, which no purpose is exempt from and no grant opens.
 */
export type Stopped = 'revoked' | 'restricted' | 'paused' | 'frozen';

/** The state of a row of `subject_status`; its names are in the order of their strength. */
const stateHeld = `CASE WHEN restricts_from_ms IS NULL THEN state ELSE 'restricted' END`;

/**
 * The lock of a member, taken like that of a subject and in the same statement: redemption and the broker's
 * release share the asking lender's, its suspension takes it exclusively.
 */
export const memberKey = (member: string): string => `member:${member}`;

/** Separates these locks from other users of 64-bit advisory locks in the database. */
const lockSeed = 0x73746f70;

/** Taken by releases: many at once, none while a stop is being recorded. Held until the transaction ends. */
export async function lockSubjectsShared<DB>(
  trx: Transaction<DB>,
  subjectRefs: readonly string[],
): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock_shared(key) FROM (${keysOf(subjectRefs)}) AS keys`.execute(trx);
}

/**
 * Taken by a stop: waits for the releases under way and lets no other begin. Held until the transaction ends.
 */
export async function lockSubjectsExclusive<DB>(
  trx: Transaction<DB>,
  subjectRefs: readonly string[],
): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(key) FROM (${keysOf(subjectRefs)}) AS keys`.execute(trx);
}

/**
 * In one order for every transaction, so that two that lock the same subjects never wait for each other in a
 * ring.
 */
function keysOf(subjectRefs: readonly string[]) {
  return sql`
    SELECT DISTINCT hashtextextended(ref, ${sql.lit(lockSeed)}) AS key
    FROM unnest(${[...subjectRefs]}::text[]) AS refs (ref) ORDER BY key`;
}

/**
 * What stops a release for this subject under this consent now, the strongest first; the subject's lock must
 * be held.
 */
export async function subjectStopped<DB>(
  trx: Transaction<DB>,
  subjectRef: string,
  consentDigest: string | null,
): Promise<Stopped | undefined> {
  return (await subjectStop(trx, subjectRef, consentDigest))?.state;
}

/** A stop, and the number of the status that brought it. */
export interface Standing {
  readonly state: Stopped;
  readonly sequence: number;
}

/** `subjectStopped` with the number of its status. */
export async function subjectStop<DB>(
  trx: Transaction<DB>,
  subjectRef: string,
  consentDigest: string | null,
): Promise<Standing | undefined> {
  const { rows } = await sql<Standing>`
    SELECT ${sql.raw(stateHeld)} AS state, sequence FROM subject_status
    WHERE subject_ref = ${subjectRef} AND consent IN ('', ${consentDigest ?? ''}) AND state <> 'active'
    ORDER BY state DESC LIMIT 1
  `.execute(trx);
  return rows[0];
}

const lockShared: HotStatement = {
  name: 'lock_subjects_shared',
  text: `SELECT pg_advisory_xact_lock_shared(key) FROM (
      SELECT DISTINCT hashtextextended(ref, ${lockSeed}) AS key
      FROM unnest($1::text[]) AS refs (ref) ORDER BY key) AS keys`,
};

/** `lockSubjectsShared` for the subjects of a whole batch, in the one order of all transactions. */
export async function lockBatchShared(trx: HotTransaction, subjectRefs: readonly string[]): Promise<void> {
  await trx.query(lockShared, [[...subjectRefs]]);
}

const stoppedOf: HotStatement = {
  name: 'stopped_of',
  text: `SELECT asked.at::int AS at, held.state, held.sequence,
      (SELECT version FROM directory_state) AS version
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (ref, consent, at)
    LEFT JOIN LATERAL (SELECT ${stateHeld} AS state, sequence FROM subject_status
      WHERE subject_ref = asked.ref AND consent IN ('', asked.consent) AND state <> 'active'
      ORDER BY state DESC LIMIT 1) AS held ON true`,
};

const lockExclusive: HotStatement = {
  name: 'lock_exclusive',
  text: lockShared.text.replace('pg_advisory_xact_lock_shared', 'pg_advisory_xact_lock'),
};

/** Names that a batch has to itself until its transaction ends, in the one order of all transactions. */
export async function lockBatchExclusive(trx: HotTransaction, names: readonly string[]): Promise<void> {
  await trx.query(lockExclusive, [[...names]]);
}

/** `lockSubjectsExclusive` in a transaction that the caller runs on a connection of its own. */
export async function lockSubjectsOn(client: pg.PoolClient, subjectRefs: readonly string[]): Promise<void> {
  await client.query({ ...lockExclusive, values: [[...subjectRefs]] });
}

/** An item of a batch, as the status barrier knows it. */
export interface Releasing {
  readonly subjectRef: string;
  /** Digest of the consent; null where the inquiry rests on a basis. */
  readonly consent: string | null;
}

/**
 * `subjectStopped` for each item of a batch, in its order, with the version of the directory that this node's
 * processes have adopted: a process whose own directory is older must not release. The locks must be held.
 */
export async function batchStatus(
  trx: HotTransaction,
  asked: readonly Releasing[],
): Promise<{
  stopped: (Stopped | undefined)[];
  /** The number of the status behind each stop. */
  sequences: (number | undefined)[];
  directoryVersion: number;
}> {
  const refs = asked.map(({ subjectRef }) => subjectRef);
  const consents = asked.map(({ consent }) => consent ?? '');
  const rows = await trx.query<StatusRow>(stoppedOf, [refs, consents]);
  const byPlace = new Map(rows.map((row) => [row.at, row]));
  return {
    stopped: asked.map((_, at) => byPlace.get(at + 1)?.state ?? undefined),
    sequences: asked.map((_, at) => byPlace.get(at + 1)?.sequence ?? undefined),
    directoryVersion: rows[0]?.version ?? 0,
  };
}

interface StatusRow {
  readonly at: number;
  readonly state: Stopped | null;
  readonly sequence: number | null;
  readonly version: number | null;
}
