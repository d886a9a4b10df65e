import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRecord } from './faults.ts';
import { recordArbitraries } from './record-arbitraries.fixture.ts';
import type { CreditRecord } from './record.ts';

const kinds = Object.entries<fc.Arbitrary<CreditRecord>>(recordArbitraries);

describe('a record of any kind', () => {
  test.each(kinds)('%s: whatever its fields say, it is read', (_, records) => {
    fc.assert(
      fc.property(records, (record) => {
        const read = readRecord(record, 'person');
        expect('faults' in read ? read.faults : []).toEqual([]);
      }),
    );
  });
});
