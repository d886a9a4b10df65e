import { CausewayError } from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';
import { EnterpriseProfileSchema, PersonProfileSchema } from '@causeway/records/profile';
import { plainRecordSchemas } from '@causeway/records/record';

import type { Bureau } from '../bureau.ts';
import type { RecordKey } from '../store/record-key.ts';
import { findDispute } from './repository.ts';

/** One field of a disputed record, as a form shows it. `parts`: has members, and no single value. */
interface ItemField {
  readonly name: string;
  readonly type: 'text' | 'choice' | 'number' | 'flag' | 'parts';
  /** What it holds in words, as the schema says. */
  readonly title?: string;
  readonly value?: unknown;
  readonly options?: readonly string[];
  readonly required: boolean;
}

/** What names a record and whose it is: no correction changes that. */
export const fixedFields: ReadonlySet<string> = new Set([
  ...['record', 'record_id', 'source_record_id', 'category', 'version', 'batch', 'marks'],
]);

/** What the bureau derives or keeps for the native system: nobody types that. */
const derived: ReadonlySet<string> = new Set([
  ...['display_state', 'display_override', 'expires_on', 'retention_rule', 'basis'],
  ...['absent', 'native', 'native_scheme', 'native_ext'],
]);

/** What a form needs of a schema (JSON Schema, as TypeBox makes it). */
interface FieldSchema {
  readonly type?: string;
  readonly anyOf?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly title?: string;
}

interface RecordSchema {
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}

/**
 * The record that a dispute is about, field by field with what each may hold; no fields where it is not here
 * any more. Of one in a native system only that system's name: nobody asks it for a page.
 * @throws CausewayError `not_found`
 */
export async function showItem({ db, source }: Pick<Bureau, 'db' | 'source'>, id: string) {
  const dispute = await findDispute(db, id);
  if (dispute === undefined) throw new CausewayError('not_found');
  const [key] = JSON.parse(dispute.keys) as RecordKey[];
  if (source.kind === 'native') {
    const kind = key?.record;
    return { record: dispute.record, ...(kind && { kind }), native: source.name, fields: [] };
  }
  const row =
    key &&
    (await db
      .selectFrom('record')
      .select(['body', 'version'])
      .where('subject_ref', '=', key.subjectRef)
      .where('record', '=', key.record)
      .where('source_record_id', '=', key.sourceRecordId)
      .executeTakeFirst());
  if (row === undefined) return { record: dispute.record, fields: [] };
  const record = JSON.parse(row.body) as CreditRecord;
  return { record: dispute.record, kind: record.record, version: row.version, fields: fieldsOf(record) };
}

/** Fields that may be corrected, in the order of the schema. */
function fieldsOf(record: CreditRecord): ItemField[] {
  const { properties, required = [] } = schemaOf(record);
  const values: Readonly<Record<string, unknown>> = record;
  return Object.entries(properties).flatMap(([name, schema]) => {
    if (fixedFields.has(name) || derived.has(name) || schema.const !== undefined) return [];
    const { title } = schema;
    return [
      {
        ...{ name, ...typeOf(schema), required: required.includes(name) },
        ...(title === undefined ? {} : { title }),
        ...(values[name] === undefined ? {} : { value: values[name] }),
      },
    ];
  });
}

function schemaOf(record: CreditRecord): RecordSchema {
  if (record.record !== 'profile') return plainRecordSchemas[record.record];
  return record.kind === 'person' ? PersonProfileSchema : EnterpriseProfileSchema;
}

function typeOf(schema: FieldSchema): Pick<ItemField, 'type' | 'options'> {
  if (schema.enum?.every((each) => typeof each === 'string') === true) {
    return { type: 'choice', options: schema.enum };
  }
  if (schema.type === 'string') return { type: 'text' };
  if (schema.type === 'integer' || schema.type === 'number') return { type: 'number' };
  return { type: schema.type === 'boolean' ? 'flag' : 'parts' };
}
