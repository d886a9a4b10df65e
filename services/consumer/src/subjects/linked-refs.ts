import { lockSubjectsExclusive } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { ConsumerTables } from '../tables.ts';

/** All references of the subject that one of them names; the first one first. */
export async function refsOf(db: Kysely<ConsumerTables>, subjectRef: string): Promise<string[]> {
  const { rows } = await sql<{ subject_ref: string }>`
    SELECT other.subject_ref FROM subject_link AS mine JOIN subject_link AS other USING (first_ref)
    WHERE mine.subject_ref = ${subjectRef}
    ORDER BY other.subject_ref <> other.first_ref, other.linked_ms, other.subject_ref`.execute(db);
  return rows.length === 0 ? [subjectRef] : rows.map(({ subject_ref }) => subject_ref);
}

const triesMax = 8;

/**
 * All references of the subjects that these name, each behind its exclusive status lock: nobody redeems,
 * releases, stops or links for any of them until the transaction ends. A link takes the locks of both sides,
 * so what is read under them stays.
 */
export async function lockWholeSubjects(
  trx: Transaction<ConsumerTables>,
  subjectRefs: readonly string[],
): Promise<string[][]> {
  let known = await allRefs(trx, subjectRefs);
  for (let tries = 0; tries < triesMax; tries += 1) {
    await lockSubjectsExclusive(trx, known.flat());
    const again = await allRefs(trx, subjectRefs);
    if (again.flat().every((ref) => known.flat().includes(ref))) return again;
    known = again;
  }
  throw new CausewayError('unavailable', { internal: 'references of a subject keep changing' });
}

/** As `lockWholeSubjects`, for one subject. */
export async function lockWholeSubject(
  trx: Transaction<ConsumerTables>,
  subjectRef: string,
): Promise<string[]> {
  return (await lockWholeSubjects(trx, [subjectRef]))[0] ?? [subjectRef];
}

async function allRefs(
  trx: Transaction<ConsumerTables>,
  subjectRefs: readonly string[],
): Promise<string[][]> {
  const all: string[][] = [];
  for (const ref of subjectRefs) all.push(await refsOf(trx, ref));
  return all;
}
