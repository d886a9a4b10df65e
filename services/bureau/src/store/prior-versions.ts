import type pg from 'pg';

import type { Prior } from './next-version.ts';
import type { RecordKey } from './record-key.ts';
import { keyColumns } from './record-key.ts';

type Row = Omit<Prior, 'buried'> & { readonly at: number };

const held = `SELECT asked.at::int AS at, held.as_of, held.version, held.digest, held.delinquent_since,
    held.valid_from_ms, held.marks, held.behaviour
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
      AS asked (subject_ref, record, source_record_id, at)
    JOIN record AS held USING (subject_ref, record, source_record_id)
  ORDER BY subject_ref, record, source_record_id
  FOR UPDATE OF held`;

const buried = `SELECT DISTINCT ON (asked.at) asked.at::int AS at, gone.as_of, gone.version, gone.digest,
    gone.delinquent_since, gone.valid_to_ms AS valid_from_ms, NULL AS marks, NULL AS behaviour
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
      AS asked (subject_ref, record, source_record_id, at)
    JOIN tombstone AS gone USING (subject_ref, record, source_record_id)
  ORDER BY asked.at, gone.version DESC`;

/**
 * What the store holds, or held last, under each of these keys, in their order. Rows that stand are locked
 * until the transaction ends, in the order of their keys, so that two batches that meet wait in one
 * direction only.
 */
export async function priorVersions(
  client: pg.PoolClient,
  keys: readonly RecordKey[],
): Promise<(Prior | undefined)[]> {
  const found = new Map<number, Prior>();
  const columns = keyColumns(keys);
  const standing = await client.query<Row>({ name: 'prior_held', text: held, values: columns });
  for (const { at, ...row } of standing.rows) found.set(at - 1, { ...row, buried: false });
  if (found.size < keys.length) {
    const gone = await client.query<Row>({ name: 'prior_buried', text: buried, values: columns });
    for (const { at, ...row } of gone.rows)
      if (!found.has(at - 1)) found.set(at - 1, { ...row, buried: true });
  }
  return keys.map((_, at) => found.get(at));
}
