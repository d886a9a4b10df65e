import { limits } from '@causeway/kernel';
import type { HotStatement, HotTransaction } from '@causeway/service';

import type { Source, SourceAnswer, SourceRecord } from '../source.ts';

/** The hosted store, filled by publishing. */
export const hostedSource: Source = { kind: 'hosted', read: readHosted };

interface Row {
  readonly ref: string;
  readonly body: string | null;
  readonly as_of: string | null;
  readonly opened_by: string | null;
}

const readRecords: HotStatement = {
  name: 'read_records',
  text: `SELECT asked.ref, held.body, held.as_of, held.opened_by
    FROM unnest($1::text[]) AS asked (ref) CROSS JOIN LATERAL (
      SELECT record.body, record.as_of, record.opened_by
      FROM subject LEFT JOIN record USING (subject_ref)
      WHERE subject.subject_ref = asked.ref
      ORDER BY record.record, record.source_record_id LIMIT ${limits.recordsMax + 1}) AS held`,
};

/**
 * All that the store holds on each of these subjects. More than a disclosure can hold is handed out as it is,
 * for the caller to refuse: a part would look like all of it.
 */
export async function readHosted(
  trx: HotTransaction,
  subjectRefs: readonly string[],
): Promise<Map<string, SourceAnswer>> {
  const rows = await trx.query<Row>(readRecords, [[...new Set(subjectRefs)]]);
  const found = new Map<string, SourceRecord[]>();
  for (const { as_of, body, opened_by, ref } of rows) {
    const records = found.get(ref) ?? [];
    found.set(ref, records);
    if (body === null || as_of === null) continue;
    records.push({ text: body, as_of, openedBy: opened_by?.split(' ') });
  }
  return new Map(
    subjectRefs.map((ref) => {
      const records = found.get(ref);
      return [ref, { known: records !== undefined, records: records ?? [] }];
    }),
  );
}
