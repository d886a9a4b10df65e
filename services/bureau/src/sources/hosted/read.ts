import { limits } from '@causeway/kernel';
import { openingCategories } from '@causeway/records/projection';
import type { CreditRecord } from '@causeway/records';
import { faceAt } from '@causeway/records/life/index';
import type { HotStatement, HotTransaction } from '@causeway/service';

import { marksOf, overdueMaxOf } from '../../store/next-version.ts';
import type { ReadingMoment, Source, SourceAnswer, SourceRecord } from '../source.ts';

/** The hosted store, filled by publishing. */
export const hostedSource: Source = { kind: 'hosted', read: readHosted };

interface Row {
  readonly ref: string;
  readonly body: string | null;
  readonly as_of: string | null;
  /** Categories, or where the record must be rebuilt what that takes, as JSON. */
  readonly how: string;
}

/** What a record is rebuilt with: whose it is, its marks, its first delinquency, its behaviour. */
type Rest = ['person' | 'enterprise', string | null, string | null, string | null];

/**
 * What is past its end is not read, and what was said of a row in advance holds until its time: both by the
 * clock of the one who asks, so that nothing depends on a sweeper. Rows that travel unread are as narrow as
 * they can be.
 */
const readRecords: HotStatement = {
  name: 'read_records',
  text: `SELECT asked.ref, held.body, held.as_of, held.how
    FROM unnest($1::text[]) AS asked (ref) CROSS JOIN LATERAL (
      SELECT record.body, record.as_of,
        CASE WHEN record.opened_by IS NOT NULL AND (record.due_ms > $2) IS NOT FALSE THEN record.opened_by
          ELSE json_build_array(subject.kind, record.marks, record.delinquent_since, record.behaviour)::text
          END AS how
      FROM subject LEFT JOIN record ON record.subject_ref = subject.subject_ref
        AND (record.expires_ms > $2) IS NOT FALSE
      WHERE subject.subject_ref = asked.ref
      ORDER BY record.record, record.source_record_id LIMIT ${limits.recordsMax + 1}) AS held`,
};

/**
 * All that the store holds and shows on each of these subjects. More than a disclosure can hold is handed
 * out as it is, for the caller to refuse: a part would look like all of it.
 */
export async function readHosted(
  trx: HotTransaction,
  subjectRefs: readonly string[],
  at: ReadingMoment,
): Promise<Map<string, SourceAnswer>> {
  const rows = await trx.query<Row>(readRecords, [[...new Set(subjectRefs)], at.nowMs]);
  const found = new Map<string, SourceRecord[]>();
  for (const row of rows) {
    const records = found.get(row.ref) ?? [];
    found.set(row.ref, records);
    const { as_of, body, how } = row;
    if (body === null || as_of === null) continue;
    records.push(
      how.startsWith('[') ? rebuilt(body, how, at) : { text: body, as_of, openedBy: how.split(' ') },
    );
  }
  return new Map(
    subjectRefs.map((ref) => {
      const records = found.get(ref);
      return [ref, { known: records !== undefined, records: records ?? [] }];
    }),
  );
}

/** A record that marks, an override or its withholding show otherwise than it is stored. */
function rebuilt(body: string, how: string, at: ReadingMoment): SourceRecord {
  const record = JSON.parse(body) as CreditRecord;
  const [kind, marks, since, behaviour] = JSON.parse(how) as Rest;
  const held = {
    ...{ record, kind, marks: marksOf(marks), overdueMax: overdueMaxOf(behaviour) },
    delinquentSince: since ?? undefined,
  };
  const face = faceAt(held, at.rules, at.nowMs);
  return {
    text: face.record === record ? body : JSON.stringify(face.record),
    as_of: face.record.as_of,
    openedBy: openingCategories(face.record),
  };
}
