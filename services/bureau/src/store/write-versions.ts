import type pg from 'pg';

import type { NewVersion } from './next-version.ts';
import type { RecordKey } from './record-key.ts';
import { keyColumns } from './record-key.ts';
import { copyRows, stageRows } from './staging.ts';
import type { StagingTable } from './staging.ts';

type Client = pg.PoolClient;

/** A version with its key and the kind of its subject. */
export interface KeyedVersion {
  readonly key: RecordKey;
  readonly kind: 'person' | 'enterprise';
  readonly row: NewVersion;
}

/** Another transaction has stored one of the same records between the reading and the writing. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** The columns of a version that its batch does not give. */
const columns: StagingTable<KeyedVersion>['columns'] = [
  { name: 'subject_ref', type: 'text', of: ({ key }) => key.subjectRef },
  { name: 'record', type: 'text', of: ({ key }) => key.record },
  { name: 'source_record_id', type: 'text', of: ({ key }) => key.sourceRecordId },
  { name: 'as_of', type: 'text', of: ({ row }) => row.as_of },
  { name: 'body', type: 'text', of: ({ row }) => row.body },
  { name: 'opened_by', type: 'text', of: ({ row }) => row.opened_by },
  { name: 'version', type: 'int', of: ({ row }) => row.version },
  { name: 'digest', type: 'text', of: ({ row }) => row.digest },
  { name: 'valid_from_ms', type: 'bigint', of: ({ row }) => row.valid_from_ms },
  { name: 'expires_ms', type: 'bigint', of: ({ row }) => row.expires_ms },
  { name: 'due_ms', type: 'bigint', of: ({ row }) => row.due_ms },
  { name: 'delinquent_since', type: 'text', of: ({ row }) => row.delinquent_since },
  { name: 'behaviour', type: 'text', of: ({ row }) => row.behaviour },
];

/** New versions on their way into the store. */
const staged: StagingTable<KeyedVersion> = { name: 'staged', columns };

/**
 * Writes the first versions of subjects that this transaction has added itself, by COPY into the store: there
 * is nothing to replace, and nobody to meet. A key comes once.
 */
export async function writeFirstVersions(
  client: Client,
  versions: readonly KeyedVersion[],
  batch: number,
): Promise<void> {
  if (versions.length === 0) return;
  // What is read together lies together.
  const ordered = versions.toSorted((a, b) => (a.key.subjectRef < b.key.subjectRef ? -1 : 1));
  const of = (): number => batch;
  await copyRows(
    client,
    { name: 'record', columns: [...columns, { name: 'batch', type: 'bigint', of }] },
    ordered,
  );
}

/**
 * Writes new versions of known subjects: what stood before moves to its versions, and the new one takes its
 * place. A key comes once. @throws Overtaken where a row is not the one that the new version follows
 */
export async function writeVersions(
  client: Client,
  versions: readonly KeyedVersion[],
  batch: number,
): Promise<void> {
  if (versions.length === 0) return;
  await stageRows(client, staged, versions);
  if (versions.some(({ row }) => row.version > 1)) await client.query(keepReplaced);
  const written = await client.query({ ...replace, values: [batch] });
  if (written.rowCount !== versions.length) throw new Overtaken();
}

const keepReplaced = {
  name: 'keep_replaced',
  text: `INSERT INTO record_version (subject_ref, record, source_record_id, version, as_of, body,
    digest, batch, valid_from_ms, valid_to_ms, expires_ms, delinquent_since, behaviour)
  SELECT subject_ref, record, source_record_id, held.version, held.as_of, held.body, held.digest, held.batch,
    held.valid_from_ms, staged.valid_from_ms, held.expires_ms, held.delinquent_since,
    held.behaviour
  FROM staged JOIN record AS held USING (subject_ref, record, source_record_id)`,
};

const replace = {
  name: 'replace_records',
  text: `INSERT INTO record (subject_ref, record, source_record_id, as_of, body, opened_by, version,
    digest, valid_from_ms, expires_ms, due_ms, delinquent_since, behaviour, batch)
  SELECT subject_ref, record, source_record_id, as_of, body, opened_by, version, digest, valid_from_ms,
    expires_ms, due_ms, delinquent_since, behaviour, $1::bigint
  FROM staged ORDER BY subject_ref, record, source_record_id
  ON CONFLICT (subject_ref, record, source_record_id) DO UPDATE SET as_of = excluded.as_of,
    body = excluded.body, opened_by = excluded.opened_by, version = excluded.version,
    digest = excluded.digest, valid_from_ms = excluded.valid_from_ms, expires_ms = excluded.expires_ms,
    due_ms = excluded.due_ms, delinquent_since = excluded.delinquent_since, behaviour = excluded.behaviour,
    batch = excluded.batch
    WHERE record.version = excluded.version - 1`,
};

/** Says of records that stay as they are that this batch has named them. */
export async function touch(client: Client, keys: readonly RecordKey[], batch: number): Promise<void> {
  if (keys.length === 0) return;
  await client.query({
    name: 'touch_records',
    text: `UPDATE record SET batch = $4 FROM unnest($1::text[], $2::text[], $3::text[])
        AS asked (subject_ref, record, source_record_id)
      WHERE (record.subject_ref, record.record, record.source_record_id)
        = (asked.subject_ref, asked.record, asked.source_record_id)`,
    values: [...keyColumns(keys), batch],
  });
}
