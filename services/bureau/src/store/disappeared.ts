import type pg from 'pg';

/**
 * Lists what a complete snapshot no longer names: records that were last named by an earlier batch under a
 * mapping of the same name, and not by this one. They stay stored: only their source can say that they are
 * deleted. A line that was rejected names nothing.
 */
export async function listDisappeared(client: pg.PoolClient, batch: number): Promise<void> {
  // One pass over all records, in a transaction that may take its time.
  await client.query(`SET LOCAL enable_seqscan = on`);
  await client.query(`SET LOCAL statement_timeout = '15min'`);
  await client.query(
    `WITH stream AS (
       SELECT earlier.id FROM batch AS this JOIN mapping AS own ON own.digest = this.mapping,
         mapping AS other JOIN batch AS earlier ON earlier.mapping = other.digest
       WHERE this.id = $1 AND earlier.id < this.id AND other.body::json ->> 'name' = own.body::json ->> 'name'
     ), listed AS (
       INSERT INTO disappeared (batch, n, subject_ref, record, source_record_id, as_of)
       SELECT $1, row_number() OVER (ORDER BY subject_ref, record, source_record_id),
         subject_ref, record, source_record_id, as_of
       FROM record WHERE batch = ANY (ARRAY (SELECT id FROM stream))
       ON CONFLICT DO NOTHING RETURNING n
     )
     UPDATE batch SET disappeared = greatest(coalesce(disappeared, 0), (SELECT count(*) FROM listed))
     WHERE id = $1`,
    [batch],
  );
}
