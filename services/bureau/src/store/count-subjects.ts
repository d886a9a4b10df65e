import type { Digest } from '@causeway/protocol';
import type { HotStatement } from '@causeway/service';
import type pg from 'pg';

/** One look at the index for each subject. */
export const countStatement: HotStatement = {
  name: 'count_subjects',
  // Without the LIMIT this is an anti-join, and one that was planned while the table was small reads all of
  // it for each chunk, for ever.
  text: `UPDATE batch SET subjects = subjects + $5 + (
      SELECT count(*) FROM unnest($4::text[]) AS asked (ref)
        LEFT JOIN LATERAL (
          SELECT true AS named FROM record
          WHERE record.subject_ref = asked.ref AND record.batch = $1 LIMIT 1
        ) AS earlier ON true
      WHERE earlier.named IS NULL)
    WHERE digest = $2 AND mapping = $3`,
};

/**
 * Counts for its batch the subjects of a chunk that no earlier one has named, before its rows are stored. Of
 * a subject that the store does not know no chunk has stored anything.
 */
export async function countSubjects(
  client: pg.PoolClient,
  batch: { readonly id: number; readonly digest: Digest; readonly mapping: Digest },
  subjectRefs: ReadonlySet<string>,
  known: ReadonlySet<string>,
): Promise<void> {
  const asked = [...subjectRefs].filter((ref) => known.has(ref));
  const values = [batch.id, batch.digest, batch.mapping, asked, subjectRefs.size - asked.length];
  await client.query({ ...countStatement, values });
}
