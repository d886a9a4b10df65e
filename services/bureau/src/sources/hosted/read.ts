import { limits } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { sql } from 'kysely';
import type { Transaction } from 'kysely';

import type { CreditRecord } from '@causeway/records';
import type { BureauTables } from '../../tables.ts';
import type { Source, SourceAnswer } from '../source.ts';

/** The hosted store, filled by publishing. */
export const hostedSource: Source = { kind: 'hosted', read: readHosted };

/** All that the store holds on one subject. */
export async function readHosted(trx: Transaction<BureauTables>, subjectRef: string): Promise<SourceAnswer> {
  const { rows } = await sql<{ body: CreditRecord | null }>`
    SELECT record.body FROM subject LEFT JOIN record USING (subject_ref)
    WHERE subject.subject_ref = ${subjectRef}
    ORDER BY record.record, record.source_record_id
    LIMIT ${limits.recordsMax + 1}`.execute(trx);
  // A part would look like all of it: more than a disclosure can hold is an error, not a selection.
  if (rows.length > limits.recordsMax)
    throw new CausewayError('body_too_large', { internal: 'records of one subject' });
  return { known: rows.length > 0, records: rows.flatMap(({ body }) => body ?? []) };
}
