import type { CreditRecord } from '@causeway/records';
import { stampOf } from '@causeway/records/life/index';
import type { LifeRules, Stamp } from '@causeway/records/life/index';
import type pg from 'pg';

import { digestOfFacts, factsOf, marksOf, openedByText, overdueMaxOf } from '../store/next-version.ts';
import type { RecordKey } from '../store/record-key.ts';
import { keyColumns } from '../store/record-key.ts';

/** A row of the store with what its stamp depends on; locked by whoever holds it. */
export interface StampedRow {
  readonly subject_ref: string;
  readonly record: CreditRecord['record'];
  readonly source_record_id: string;
  readonly as_of: string;
  readonly body: string;
  /** Empty in rows that are older than digests. */
  readonly digest: string;
  readonly marks: string | null;
  readonly delinquent_since: string | null;
  readonly behaviour: string | null;
  readonly batch: number;
  readonly kind: 'person' | 'enterprise';
}

export const stampedColumns = `held.subject_ref, held.record, held.source_record_id, held.as_of, held.body,
  held.digest, held.marks, held.delinquent_since, held.behaviour, held.batch, subject.kind`;

/** The rows under these keys, as far as there are any, locked in the order of their keys. */
export async function lockRecords(client: pg.PoolClient, keys: readonly RecordKey[]): Promise<StampedRow[]> {
  const { rows } = await client.query<StampedRow>(
    `SELECT ${stampedColumns} FROM unnest($1::text[], $2::text[], $3::text[])
         AS asked (subject_ref, record, source_record_id)
       JOIN record AS held USING (subject_ref, record, source_record_id) JOIN subject USING (subject_ref)
     ORDER BY held.subject_ref, held.record, held.source_record_id FOR UPDATE OF held`,
    keyColumns(keys),
  );
  return rows;
}

export const keyOf = (row: StampedRow): RecordKey => ({
  subjectRef: row.subject_ref,
  record: row.record,
  sourceRecordId: row.source_record_id,
});

interface Stamped {
  readonly row: StampedRow;
  readonly record: CreditRecord;
  readonly stamp: Stamp;
}

/** What is to be said of a row from an instant on. */
export function stampRow(row: StampedRow, rules: LifeRules, nowMs: number): Stamped {
  const record = JSON.parse(row.body) as CreditRecord;
  const delinquentSince = row.delinquent_since ?? record.first_delinquency_on;
  const overdueMax = overdueMaxOf(row.behaviour);
  const held = { record, kind: row.kind, marks: marksOf(row.marks), delinquentSince, overdueMax };
  return { row, record, stamp: stampOf(held, rules, nowMs) };
}

/** Writes what was found anew of rows that the transaction holds; their records stay as they are. */
export async function writeStamps(client: pg.PoolClient, stamped: readonly Stamped[]): Promise<void> {
  if (stamped.length === 0) return;
  await client.query({
    name: 'write_stamps',
    text: `UPDATE record AS held SET opened_by = each.opened_by, expires_ms = each.expires_ms,
        due_ms = each.due_ms, digest = each.digest, delinquent_since = each.since, marks = each.marks
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
          $8::text[], $9::text[])
        AS each (subject_ref, record, source_record_id, opened_by, expires_ms, due_ms, digest, since, marks)
      WHERE (held.subject_ref, held.record, held.source_record_id)
        = (each.subject_ref, each.record, each.source_record_id)`,
    values: [
      ...keyColumns(stamped.map(({ row }) => keyOf(row))),
      stamped.map(({ stamp }) => openedByText(stamp.openedBy)),
      stamped.map(({ stamp }) => stamp.expires?.ms ?? null),
      stamped.map(({ stamp }) => stamp.dueMs),
      stamped.map(({ record, row }) => row.digest || digestOfFacts(factsOf(record))),
      stamped.map(({ record, row }) => row.delinquent_since ?? record.first_delinquency_on ?? null),
      stamped.map(({ row }) => row.marks),
    ],
  });
}
