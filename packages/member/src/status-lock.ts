import { sql } from 'kysely';
import type { Transaction } from 'kysely';

/** Why nothing may be released for a subject under a consent. */
export type Stopped = 'revoked' | 'paused' | 'frozen';

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

/** What stops a release for this subject under this consent now; the subject's lock must be held. */
export async function subjectStopped<DB>(
  trx: Transaction<DB>,
  subjectRef: string,
  consentDigest: string | null,
): Promise<Stopped | undefined> {
  const { rows } = await sql<{ state: Stopped }>`
    SELECT state FROM subject_status
    WHERE subject_ref = ${subjectRef} AND consent IN ('', ${consentDigest ?? ''})
    ORDER BY consent LIMIT 1
  `.execute(trx);
  return rows[0]?.state;
}
