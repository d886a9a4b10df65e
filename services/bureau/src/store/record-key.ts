import type { CreditRecord } from '@causeway/records';

/** Under what one row is kept: whose it is, its kind, and the source's own id. */
export interface RecordKey {
  readonly subjectRef: string;
  readonly record: CreditRecord['record'];
  readonly sourceRecordId: string;
}

/** Three columns for `unnest`, in the order of the keys. */
export function keyColumns(keys: readonly RecordKey[]): [string[], string[], string[]] {
  return [
    keys.map(({ subjectRef }) => subjectRef),
    keys.map(({ record }) => record),
    keys.map(({ sourceRecordId }) => sourceRecordId),
  ];
}
