import { EnterpriseProfileSchema, PersonProfileSchema } from './profile.ts';
import { plainRecordSchemas } from './record.ts';
import type { CreditRecord } from './record.ts';

const namesOf = ({ properties }: { properties: object }): ReadonlySet<string> =>
  new Set(Object.keys(properties));

const plain = new Map(Object.entries(plainRecordSchemas).map(([kind, schema]) => [kind, namesOf(schema)]));
const profiles = { person: namesOf(PersonProfileSchema), enterprise: namesOf(EnterpriseProfileSchema) };

/** The names of the fields that a record of this kind can have. */
export function fieldsOfRecord(record: CreditRecord): ReadonlySet<string> {
  if (record.record === 'profile') return profiles[record.kind];
  return plain.get(record.record) ?? new Set();
}
