import type { HotStatement } from '@causeway/service';
import type pg from 'pg';

import type { KeyedVersion } from './write-versions.ts';

/** One look at the index for each subject, however small the table was when this was planned. */
export const knownStatement: HotStatement = {
  name: 'known_subjects',
  text: `SELECT asked.ref FROM unnest($1::text[]) AS asked (ref)
    JOIN LATERAL (SELECT FROM subject WHERE subject.subject_ref = asked.ref LIMIT 1) AS held ON true`,
};

/** Of these subjects those that the store knows: of no other one does it hold a record or a tombstone. */
export async function knownSubjects(
  client: pg.PoolClient,
  refs: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ ref: string }>({ ...knownStatement, values: [refs] });
  return new Set(rows.map(({ ref }) => ref));
}

const addStatement: HotStatement = {
  name: 'add_subjects',
  text: `INSERT INTO subject (subject_ref, kind)
    SELECT subject_ref, kind FROM unnest($1::text[], $2::text[]) AS asked (subject_ref, kind)
    ORDER BY subject_ref ON CONFLICT DO NOTHING RETURNING subject_ref`,
};

/**
 * Adds the subjects of first versions, and waits for whoever is adding one of them at the same time. Returns
 * those that somebody else has added: only of the others is it certain that there is nothing to be found, and
 * that nobody else can store anything before this transaction ends.
 */
export async function addSubjects(
  client: pg.PoolClient,
  versions: readonly KeyedVersion[],
): Promise<ReadonlySet<string>> {
  const kinds = new Map(versions.map(({ key, kind }) => [key.subjectRef, kind]));
  if (kinds.size === 0) return new Set();
  const values = [[...kinds.keys()], [...kinds.values()]];
  const { rows } = await client.query<{ subject_ref: string }>({ ...addStatement, values });
  for (const { subject_ref } of rows) kinds.delete(subject_ref);
  return new Set(kinds.keys());
}
