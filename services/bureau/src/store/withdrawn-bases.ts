import type pg from 'pg';
import type { StoredRow, Warning } from './store-rows.ts';

/**
 * Lines whose record names a consent that its subject has withdrawn or paused, as the status barrier of this
 * bureau has it: the record is taken, and its publisher is told to give no more of them. What was given
 * before stays lawful.
 */
export async function withdrawnBases(client: pg.PoolClient, rows: readonly StoredRow[]): Promise<Warning[]> {
  const cited = rows.flatMap(({ again, line, says, subjectRef }) => {
    const consent = 'record' in says ? says.record.basis?.consent : undefined;
    return again || consent === undefined ? [] : [{ line, subjectRef, consent }];
  });
  if (cited.length === 0) return [];
  const { rows: stopped } = await client.query<{ line: number }>({
    name: 'withdrawn_bases',
    text: `SELECT DISTINCT asked.line
      FROM unnest($1::text[], $2::text[], $3::int[]) AS asked (ref, consent, line)
      JOIN subject_status AS held ON held.subject_ref = asked.ref AND held.consent = asked.consent
      WHERE held.state <> 'active'`,
    values: [
      cited.map(({ subjectRef }) => subjectRef),
      cited.map(({ consent }) => consent),
      cited.map(({ line }) => line),
    ],
  });
  const message = 'The person has withdrawn or paused the consent that the record rests on.';
  return stopped.map(({ line }) => ({ line, rule: 'basis_withdrawn', message }));
}
