import { describe, expect, test } from 'vitest';
import { readRecord } from './faults.ts';
import { earlierInquiry, enterprise, loan, payment, person } from './record.fixture.ts';

const faultsOf = (value: unknown, kind: 'person' | 'enterprise' = 'person') => {
  const read = readRecord(value, kind);
  return 'faults' in read ? read.faults.map(({ field, rule }) => `${rule} ${field}`) : [];
};

describe('what may enter as a record', () => {
  test('each kind of record is read as it is', () => {
    for (const record of [loan, payment, earlierInquiry, person, enterprise]) {
      expect(readRecord(record, 'person')).toEqual({ record });
    }
  });

  test.each([
    ['an unknown member', { ...loan, phone: '1' }, 'schema phone'],
    ['a location', { ...person, location: 'here' }, 'schema location'],
    ['a name', { ...person, name: 'someone' }, 'schema name'],
    [
      'an unknown member inside',
      { ...payment, instalment: { ...payment.instalment, rate: 1 } },
      'schema instalment.rate',
    ],
    ['a missing member', { ...loan, currency: undefined }, 'schema currency'],
    ['an amount as a number', { ...loan, balance: 12 }, 'schema balance'],
    ['an amount with decimals', { ...loan, balance: '12.50' }, 'schema balance'],
    ['an amount with commas', { ...loan, balance: '12,000' }, 'schema balance'],
    ['a negative balance', { ...loan, balance: '-1' }, 'schema balance'],
    ['a leading zero', { ...loan, balance: '012' }, 'schema balance'],
    ['an unknown status', { ...loan, status: 'fine' }, 'schema status'],
    [
      'a history with an unknown code',
      { ...loan, history: { to: '2025-06', states: 'N8' } },
      'schema history.states',
    ],
    ['a category the record cannot have', { ...loan, category: 'CONDITIONAL' }, 'schema category'],
    ['a control character', { ...loan, account_ref: 'a\u0000b' }, 'schema account_ref'],
    ['a day that does not exist', { ...loan, opened: '2023-02-29' }, 'date opened'],
    ['an as-of that does not exist', { ...loan, as_of: '2025-06-31' }, 'date as_of'],
    ['a currency without known minor units', { ...loan, currency: 'XXX' }, 'currency currency'],
    ['a value that is also absent', { ...loan, limit: '5' }, 'absence limit'],
    [
      'a resident number as a reference',
      { ...loan, account_ref: '990000199003070013' },
      'identifier_in_record account_ref',
    ],
    [
      'a credit code in a record id',
      { ...loan, record_id: 'x 91990000MA0000015Q' },
      'identifier_in_record record_id',
    ],
    [
      'adverse information about a person without notice',
      { ...loan, is_adverse: true },
      'adverse_notice notice_id',
    ],
  ])('%s is refused with rule and field', (_, value, fault) => {
    expect(faultsOf(value)).toContain(fault);
  });

  test.each([
    null,
    undefined,
    'account',
    7,
    [],
    {},
    { record: 'location' },
    { record: 'profile' },
    { record: 'person' },
  ])('%o is no record', (value) => expect(faultsOf(value)).toEqual(['schema record']));

  test('adverse information about an enterprise needs no notice, about a person with one it enters', () => {
    expect(faultsOf({ ...loan, is_adverse: true }, 'enterprise')).toEqual([]);
    expect(faultsOf({ ...loan, is_adverse: true, notice_id: 'n-9' })).toEqual([]);
  });

  test('adverse information without notice may be held, restricted, and only so', () => {
    const held = { ...loan, is_adverse: true, display_state: 'restricted' };
    expect(faultsOf(held)).toEqual([]);
    for (const display_state of ['visible', 'marked', 'suppressed', 'expired'])
      expect(faultsOf({ ...held, display_state })).toEqual(['adverse_notice notice_id']);
  });

  test('income of a person needs the written consent, of an enterprise it does not', () => {
    const income = {
      ...{
        record: 'conditional',
        record_id: 'c',
        source_record_id: 'c',
        as_of: '2026',
        category: 'CONDITIONAL',
      },
      ...{ kind: 'income', consequence_notice: 'n-1' },
    };
    expect(faultsOf(income)).toEqual(['conditional_basis basis']);
    expect(faultsOf({ ...income, basis: { law: 'x' } })).toEqual(['conditional_basis basis']);
    expect(faultsOf({ ...income, basis: { consent: `sha-256:${'A'.repeat(43)}` } })).toEqual([]);
    expect(faultsOf(income, 'enterprise')).toEqual([]);
  });

  test('no fault repeats the value at fault', () => {
    const read = readRecord({ ...loan, account_ref: '990000199003070013' }, 'person');
    expect(JSON.stringify(read)).not.toContain('990000199003070013');
  });
});
