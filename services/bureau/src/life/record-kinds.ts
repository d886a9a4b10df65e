import { plainRecordSchemas } from '@causeway/records';
import type { CreditRecord } from '@causeway/records';

/** The kinds of record that a bureau may hold. */
export const recordKinds: readonly CreditRecord['record'][] = [
  ...(Object.keys(plainRecordSchemas) as (keyof typeof plainRecordSchemas)[]),
  'profile',
];
