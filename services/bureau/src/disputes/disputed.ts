import type { CreditRecord } from '@causeway/records';
import type pg from 'pg';

import { markRows } from '../life/marks.ts';
import { keyOf, stampedColumns } from '../life/restamp.ts';
import type { StampedRow } from '../life/restamp.ts';
import type { RecordKey } from '../store/record-key.ts';
import type { DisputeRow } from '../tables.ts';
import { hasOpen } from './repository.ts';
import type { Handling } from './step.ts';

/** The item that a subject disputes, as far as this bureau has it: in the transaction that takes it. */
export interface Disputed {
  /** Under each reference of the subject; none where the bureau holds no such item of theirs. */
  readonly keys: readonly RecordKey[];
  readonly records: readonly CreditRecord[];
  /** True where it is disputed already. */
  isOpen(): Promise<boolean>;
  /** Marks it for this dispute. Returns the id of the store's mark; null where the store has none. */
  mark(dispute: DisputeRow): Promise<string | null>;
}

/** Which item: by the bureau's own id of it, or by its source's. */
export interface Named {
  readonly record: string;
  readonly subject_refs: readonly string[];
}

/** An item of the bureau's own store; its rows stay locked. */
export async function hostedItem(bureau: Handling, client: pg.PoolClient, named: Named): Promise<Disputed> {
  const rows = await disputedRows(client, named);
  const keys = rows.map(keyOf);
  return {
    keys,
    records: rows.map(({ body }) => recordIn(body)),
    isOpen: async () => await hasOpen(client, named.subject_refs, JSON.stringify(keys)),
    mark: async () => await markRows(bureau, client, rows, { kind: 'dispute_mark' }),
  };
}

/** The records that the subject may mean, locked: by the bureau's own id of it, or by its source's. */
async function disputedRows(client: pg.PoolClient, { record, subject_refs }: Named): Promise<StampedRow[]> {
  const { rows } = await client.query<StampedRow>(
    `SELECT ${stampedColumns} FROM record AS held JOIN subject USING (subject_ref)
     WHERE held.subject_ref = ANY($1)
       AND (held.source_record_id = $2 OR held.body::json ->> 'record_id' = $2)
     ORDER BY held.subject_ref, held.record, held.source_record_id FOR UPDATE OF held`,
    [subject_refs, record],
  );
  const named = rows.filter(({ body }) => recordIn(body).record_id === record);
  return named.length > 0 ? named : rows;
}

const recordIn = (body: string): CreditRecord => JSON.parse(body) as CreditRecord;
