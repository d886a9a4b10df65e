import type pg from 'pg';

import { keyColumns } from '../store/record-key.ts';
import type { RecordKey } from '../store/record-key.ts';
import type { NativeItemRow } from '../tables.ts';

const columns = 'subject_ref, record, record_id, dispute, digest, state, added_on, from_ms, state_ms';

/** All that is said of these items; the source's own id of a key is the bureau's id of the item here. */
export async function itemsUnder(
  client: pg.PoolClient,
  keys: readonly RecordKey[],
): Promise<NativeItemRow[]> {
  const { rows } = await client.query<NativeItemRow>(
    `SELECT ${columns} FROM native_item JOIN unnest($1::text[], $2::text[], $3::text[])
       AS asked (subject_ref, record, record_id) USING (subject_ref, record, record_id)`,
    keyColumns(keys),
  );
  return rows;
}

/** The items of one dispute, locked, in the order of their keys. */
export async function lockItems(client: pg.PoolClient, dispute: DisputeKey): Promise<NativeItemRow[]> {
  const { rows } = await client.query<NativeItemRow>(
    `SELECT ${columns} FROM native_item WHERE subject_ref = ANY($1) AND dispute = $2
     ORDER BY subject_ref, record, record_id FOR UPDATE`,
    [[...dispute.refs], dispute.id],
  );
  return rows;
}

/** A dispute, and the references of its subject under which its items are. */
export interface DisputeKey {
  readonly refs: readonly string[];
  readonly id: string;
}

export async function insertItems(client: pg.PoolClient, items: readonly NativeItemRow[]): Promise<void> {
  for (const item of items) {
    await client.query(`INSERT INTO native_item (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, [
      ...[item.subject_ref, item.record, item.record_id, item.dispute, item.digest, item.state],
      ...[item.added_on, item.from_ms, item.state_ms],
    ]);
  }
}

/** Says how an item is shown from now on. */
export async function setItem(
  client: pg.PoolClient,
  { added_on, digest, dispute, record, record_id, state, state_ms, subject_ref }: NativeItemRow,
): Promise<void> {
  await client.query(
    `UPDATE native_item SET digest = $5, state = $6, added_on = $7, state_ms = $8
     WHERE subject_ref = $1 AND record = $2 AND record_id = $3 AND dispute = $4`,
    [subject_ref, record, record_id, dispute, digest, state, added_on, state_ms],
  );
}
