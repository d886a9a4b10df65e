import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deniedData } from './categories.ts';
import { readRecord } from './faults.ts';
import { EnterpriseProfileSchema, PersonProfileSchema } from './profile.ts';
import { anyRecord, recordArbitraries } from './record-arbitraries.fixture.ts';
import { membersOf } from './record-members.ts';
import { plainRecordSchemas, type CreditRecord } from './record.ts';

const kinds = Object.entries<fc.Arbitrary<CreditRecord>>(recordArbitraries);
const schemas = [...Object.values(plainRecordSchemas), PersonProfileSchema, EnterpriseProfileSchema];
const isDateShape = ({ pattern = '' }: { pattern?: string }) =>
  pattern.startsWith('^[0-9]{4}-') || pattern.startsWith('^[0-9]{4}(');

const rulesOf = (value: unknown): string[] => {
  const read = readRecord(value, 'person');
  return 'faults' in read ? read.faults.map(({ rule }) => rule) : [];
};

/** The record with a text in the place of the member at a path. */
function withText(record: CreditRecord, path: string, text: string): unknown {
  const copy: unknown = structuredClone(record);
  const names = path.split('.');
  const last = names.pop() ?? '';
  const holder = names.reduce((value, name) => (value as Record<string, unknown>)[name], copy);
  (holder as Record<string, unknown>)[last] = text;
  return copy;
}

/** The record without some fields, and without what it says about its fields. */
function without(record: CreditRecord, ...fields: string[]): object {
  const left = Object.entries(record).filter(([name]) => !['absent', 'native', ...fields].includes(name));
  return Object.fromEntries(left);
}

describe('a record of any kind', () => {
  test.each(kinds)('%s: whatever its fields say, it is read, and again after JSON', (_, records) => {
    fc.assert(
      fc.property(records, (record) => {
        const read = readRecord(record, 'person');
        expect('faults' in read ? read.faults : []).toEqual([]);
        const again: unknown = JSON.parse(JSON.stringify(record));
        expect(again).toEqual(record);
        expect(readRecord(again, 'person')).toEqual(read);
      }),
    );
  });

  test('the number of a person in any text at any depth keeps it out, and is not repeated', () => {
    const number = '99000019851224112X';
    fc.assert(
      fc.property(anyRecord, fc.nat(), (record, at) => {
        const texts = membersOf(record).filter(({ text }) => text !== undefined);
        const read = readRecord(withText(record, texts[at % texts.length]?.path ?? '', number), 'person');
        expect('faults' in read && read.faults.length > 0).toBe(true);
        expect(JSON.stringify(read)).not.toContain(number);
      }),
    );
  });

  test('adverse information about a person enters with a notice or an exemption only', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const adverse = { ...without(record, 'notice_id', 'notice_exemption'), is_adverse: true };
        expect(rulesOf(adverse)).toEqual(['adverse_notice']);
        expect(rulesOf({ ...adverse, notice_id: 'n-1' })).toEqual([]);
        expect(rulesOf({ ...adverse, notice_exemption: 'public' })).toEqual([]);
      }),
    );
  });

  test('an expiry without its rule, and a dispute that is not shown, keep it out', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const typedIn = { ...without(record, 'retention_rule'), expires_on: '2000-01-01' };
        expect(rulesOf(typedIn)).toContain('derived_expiry');
        const marks = [{ kind: 'dispute_mark', added_on: '2025-01-01' }];
        expect(rulesOf({ ...record, marks, display_state: 'visible' })).toContain('dispute_marked');
      }),
    );
  });

  test('every date of every kind is a day that exists', () => {
    for (const [at, [kind, records]] of kinds.entries()) {
      const dates = Object.entries<object>(schemas[at]?.properties ?? {}).filter(([, shape]) =>
        isDateShape(shape),
      );
      const [record] = fc.sample(records, 1);
      for (const [field] of dates) {
        const faults = rulesOf({ ...record, [field]: '2023-02-29' });
        expect([kind, field, faults]).toEqual([kind, field, expect.arrayContaining(['date'])]);
      }
    }
  });

  test('no schema has a field for data that may not be collected, for contacts, places or devices', () => {
    const names = schemas.flatMap(({ properties }) => Object.keys(properties));
    expect(names.filter(deniedData)).toEqual([]);
    expect(['bloodType', 'mobile', '家庭住址', 'gps'].filter(deniedData)).toHaveLength(4);
  });
});
