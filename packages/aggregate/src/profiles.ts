import type { Conflict, ProfileRecord } from '@causeway/records';
import { scalarConflict } from './resolve.ts';
import { byOrigin, byText, type Item } from './rows.ts';

const compared: Readonly<Record<ProfileRecord['kind'], readonly string[]>> = {
  person: ['birth_date', 'sex', 'nationality', 'marital_status', 'education', 'degree', 'employment_status'],
  enterprise: ['org_type', 'economic_type', 'size', 'industry', 'founded', 'status', 'registered_capital'],
};

/**
 * Where bureaus describe the one subject differently. Their profiles all stay in the file; this names the
 * fields.
 */
export function profileConflicts(profiles: readonly Item<ProfileRecord>[]): Conflict[] {
  const newestFirst = profiles.toSorted((a, b) => byText(b.record.as_of, a.record.as_of) || byOrigin(a, b));
  return Object.entries(compared).flatMap(([kind, fields]) =>
    fields.flatMap((field) => {
      const having = newestFirst.filter(
        ({ record }) =>
          record.kind === kind && (record as Readonly<Record<string, unknown>>)[field] !== undefined,
      );
      return scalarConflict(field, having) ?? [];
    }),
  );
}
