import type { Digest } from '@causeway/protocol';
import type { Kysely } from 'kysely';

import type { BureauTables } from '../tables.ts';

type Db = Kysely<BureauTables>;

/** A batch by its file and what it was read by. */
export interface BatchKey {
  readonly digest: Digest;
  readonly mapping: Digest;
}

/** Who of the staff brings a file, and which batch it mends. */
export interface Upload {
  readonly person: string;
  readonly name: string;
  readonly corrects?: BatchKey;
  readonly atMs: number;
}

/** Writes who brought a file; the first time counts. Within the transaction that accepts the file. */
export async function insertUpload(trx: Db, { digest, mapping }: BatchKey, upload: Upload): Promise<void> {
  const { atMs, corrects, name, person } = upload;
  await trx
    .insertInto('batch_upload')
    .values({
      ...{ batch: digest, mapping, person, name, at_ms: atMs },
      ...{ corrects: corrects?.digest ?? null, corrects_mapping: corrects?.mapping ?? null },
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Who brought a batch at the console, the first one first. */
export async function uploadsOf(db: Db, { digest, mapping }: BatchKey) {
  return await db
    .selectFrom('batch_upload')
    .select(['person', 'name', 'corrects', 'corrects_mapping', 'at_ms'])
    .where('batch', '=', digest)
    .where('mapping', '=', mapping)
    .orderBy('at_ms')
    .execute();
}

/** Batches that carry mended lines of this one, the first one first. */
export async function correctionsOf(db: Db, { digest, mapping }: BatchKey): Promise<BatchKey[]> {
  return await db
    .selectFrom('batch_upload')
    .select(['batch as digest', 'mapping'])
    .where('corrects', '=', digest)
    .where('corrects_mapping', '=', mapping)
    .groupBy(['batch', 'mapping'])
    .orderBy((order) => order.fn.min('at_ms'))
    .execute();
}
