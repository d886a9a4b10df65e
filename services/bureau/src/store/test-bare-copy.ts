import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

/*
 * The least that storing the same rows can cost: COPY into a table like `record` that has no partitions and
 * no index. For measuring only.
 */

/** Makes the table, and writes all that `record` holds into a file that COPY reads. */
export async function prepareBareCopy(owner: pg.Client, file: string): Promise<void> {
  await owner.query('CREATE TABLE IF NOT EXISTS bare_record (LIKE record)');
  await pipeline(owner.query(copyTo('COPY (SELECT * FROM record) TO STDOUT')), createWriteStream(file));
}

/** Copies that file into the empty table. Returns the rows. */
export async function bareCopy(owner: pg.Client, file: string): Promise<number> {
  const stream = owner.query(copyFrom('COPY bare_record FROM STDIN'));
  await pipeline(createReadStream(file, { highWaterMark: 262_144 }), stream);
  return stream.rowCount;
}
