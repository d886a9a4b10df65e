import { describe, expect, test } from 'vitest';
import { readRecord } from './faults.ts';
import { earlierInquiry, enterprise, loan, payment, person } from './record.fixture.ts';
import { recordDoubts, recordRules } from './record-rules.ts';

const faultsOf = (value: unknown, kind: 'person' | 'enterprise' = 'person') => {
  const read = readRecord(value, kind);
  return 'faults' in read ? read.faults.map(({ field, rule }) => `${rule} ${field}`) : [];
};

const warningsOf = (value: unknown) => {
  const read = readRecord(value, 'person');
  return 'warnings' in read ? read.warnings.map(({ field, rule }) => `${rule} ${field}`) : [];
};

const number = '990000199003070013';
const consent = `sha-256:${'A'.repeat(43)}`;
const envelope = { record_id: 'r1', source_record_id: 'n-1', as_of: '2025-06-30' } as const;
const mark = { kind: 'dispute_mark', added_on: '2025-06-01' } as const;

const score = {
  ...envelope,
  record: 'score',
  category: 'SCORE',
  model: 'zhima',
  value: 712,
  min: 350,
  max: 950,
  direction: 'higher_safer',
};
const band = {
  ...{ lower_minor: '300000', upper_minor: '400000', lower_open: true, upper_open: false },
  ...{ currency: 'CNY', native_code: 'M05' },
};
const listed = {
  ...envelope,
  ...{ record: 'watchlist', category: 'WATCHLIST', list: 'zhima', sector: 'credit' },
  ...{ risk_type: 'overdue', risk_code: 'AA001002', amount: band },
};
const judgment = { ...envelope, record: 'public_record', category: 'PUBLIC_RECORD', kind: 'judgment' };
const income = {
  ...envelope,
  ...{ record: 'conditional', category: 'CONDITIONAL', kind: 'income' },
  ...{ consequence_notice: 'n-4', basis: { consent } },
};
const telephone = {
  ...envelope,
  record: 'postpaid',
  category: 'POSTPAID',
  sector: 'telecom',
  status: 'normal',
};
const owner = {
  ...envelope,
  ...{
    record: 'relation',
    category: 'OWNERSHIP',
    kind: 'shareholder',
    party_ref: 'p-1',
    party_kind: 'person',
  },
};
const lenders = [
  { lender_ref: 'a', share_ppm: 700_000 },
  { lender_ref: 'b', share_ppm: 300_000 },
];

type Case = readonly [what: string, value: unknown, said: string];

/** What breaks each rule, as rule and field. */
const broken: readonly Case[] = [
  ['a day that does not exist', { ...loan, opened: '2023-02-29' }, 'date opened'],
  ['an as-of that does not exist', { ...loan, as_of: '2025-06-31' }, 'date as_of'],
  [
    'a day of a mark that does not exist',
    { ...loan, marks: [{ ...mark, kind: 'provider_note', added_on: '2025-02-30' }] },
    'date marks.0.added_on',
  ],
  ['a currency without known minor units', { ...loan, currency: 'XXX' }, 'currency currency'],
  ['one inside', { ...listed, amount: { ...band, currency: 'XXX' } }, 'currency amount.currency'],
  ['a value that is also absent', { ...loan, limit: '5' }, 'absence limit'],
  [
    'a reason for a field that there is none of',
    { ...payment, absent: { limit: 'expired' } },
    'unknown_field limit',
  ],
  [
    'a native code for a field that there is none of',
    { ...payment, native: { class5: '1' } },
    'unknown_field class5',
  ],
  ['a resident number as a reference', { ...loan, account_ref: number }, 'identifier_in_record account_ref'],
  [
    'a credit code in a record id',
    { ...loan, record_id: 'x 91990000MA0000015Q' },
    'identifier_in_record record_id',
  ],
  [
    'a resident number in a mark',
    { ...loan, marks: [{ ...mark, text: `我是${number}` }], display_state: 'marked' },
    'identifier_in_record marks.0.text',
  ],
  [
    'one in full-width digits',
    { ...listed, statement: '９９００００１９９００３０７００１３' },
    'identifier_in_record statement',
  ],
  ['one in groups', { ...listed, statement: '990000 19900307 0013' }, 'identifier_in_record statement'],
  ['one beside the model', { ...loan, native_ext: { PB01: number } }, 'identifier_in_record native_ext.PB01'],
  [
    'one as a name',
    { ...loan, native_ext: { Y1990000MA0000019K: '1', MA1: number } },
    'identifier_in_record native_ext.MA1',
  ],
  ['an escape in a native code', { ...loan, native: { type: '\u001b[2J' } }, 'characters native.type'],
  ['half a character beside the model', { ...loan, native_ext: { A: '\ud842' } }, 'characters native_ext.A'],
  [
    'a telephone beside the model',
    { ...loan, native_ext: { mobile_phone: '1' } },
    'denied_data native_ext.mobile_phone',
  ],
  [
    'a religion beside the model',
    { ...loan, native_ext: { religion: 'x' } },
    'denied_data native_ext.religion',
  ],
  [
    'a device beside the model',
    { ...loan, native_ext: { deviceImei: '1' } },
    'denied_data native_ext.deviceImei',
  ],
  [
    'adverse information about a person without notice',
    { ...loan, is_adverse: true },
    'adverse_notice notice_id',
  ],
  [
    'a day of expiry that no rule gave',
    { ...loan, expires_on: '2030-01-01' },
    'derived_expiry retention_rule',
  ],
  [
    'a public record that outlives its register',
    { ...judgment, expires_on: '2027-01-01', retention_rule: 'r', public_register_until: '2026-12-31' },
    'register_outlived expires_on',
  ],
  ['an open dispute that is not shown', { ...loan, marks: [mark] }, 'dispute_marked display_state'],
  ['an end before the beginning', { ...loan, closed: '2023-12' }, 'period_order closed'],
  [
    'a mark that ends before it was added',
    { ...loan, marks: [{ ...mark, ends_on: '2025-05-31' }] },
    'period_order marks',
  ],
  [
    'amounts for other months than the states',
    { ...loan, history: { to: '2025-06', states: 'NN', overdue: ['0'] } },
    'history_months history',
  ],
  [
    'native codes for other months than the states',
    { ...loan, history: { to: '2025-06', states: 'NN', scale: 'tuef', native: '000' } },
    'history_months history',
  ],
  [
    'native codes of another scale',
    { ...loan, history: { to: '2025-06', states: 'N', scale: 'metro2', native: '$' } },
    'history_codes history',
  ],
  ['a band without extent', { ...listed, amount: { ...band, upper_minor: '300000' } }, 'band amount'],
  ['a band upside down', { ...listed, amount: { ...band, upper_minor: '99999' } }, 'band amount'],
  [
    'post-paid arrears by month without a currency',
    {
      ...telephone,
      history: { to: '2025-06', states: 'N', overdue: ['0'] },
    },
    'amount_currency history',
  ],
  [
    'an amount of a judgment without a currency',
    { ...judgment, amount_paid: '1' },
    'amount_currency amount_paid',
  ],
  ['a share of more than the whole', { ...owner, ratio_ppm: 1_000_001 }, 'ratio ratio_ppm'],
  [
    'shares of more than the whole together',
    { ...loan, co_lenders: [...lenders, { lender_ref: 'c', share_ppm: 1 }] },
    'ratio co_lenders',
  ],
  ['a score above its range', { ...score, value: 951 }, 'score_range value'],
  ['a score below its range', { ...score, value: -1 }, 'score_range value'],
  ['a range without extent', { ...score, value: 950, min: 950 }, 'score_range value'],
  ['neither a score nor a reason', { ...score, value: undefined }, 'score_value value'],
  ['a score and a reason for having none', { ...score, unscorable_reason: 'thin_file' }, 'score_value value'],
  ['income without a written consent', { ...income, basis: { law: 'x' } }, 'conditional_basis basis'],
];

const odd: readonly Case[] = [
  ['more overdue than owed', { ...loan, overdue_total: '404761' }, 'overdue_beyond_balance overdue_total'],
  [
    'more principal overdue than overdue in all',
    { ...loan, overdue_total: '5', overdue_principal: { d31_60: '3', d181: '3' } },
    'buckets_beyond_overdue overdue_principal',
  ],
  ['more used than allowed', { ...loan, absent: undefined, limit: '5', used: '6' }, 'used_beyond_limit used'],
  ['settled with a balance', { ...loan, status: 'settled' }, 'settled_with_balance balance'],
  [
    'more terms left than there are',
    { ...loan, absent: undefined, remaining_terms: 25 },
    'remaining_beyond_terms remaining_terms',
  ],
  ['shares of less than the whole', { ...loan, co_lenders: lenders.slice(1) }, 'shares_short co_lenders'],
];

describe('what may enter as a record', () => {
  test('each kind of record is read as it is', () => {
    const others = [score, listed, judgment, income, telephone, owner];
    for (const record of [loan, payment, earlierInquiry, person, enterprise, ...others]) {
      expect(readRecord(record, 'person')).toEqual({ record, warnings: [] });
    }
  });

  test.each<Case>([
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
    [
      'income without the notice of its consequences',
      { ...income, consequence_notice: undefined },
      'schema consequence_notice',
    ],
    ...broken,
  ])('%s is refused with rule and field', (_, value, fault) => {
    expect(faultsOf(value)).toContain(fault);
  });

  test.each(odd)('%s enters with a warning', (_, value, warning) => {
    expect(faultsOf(value)).toEqual([]);
    expect(warningsOf(value)).toEqual([warning]);
  });

  test('every rule has a case that breaks it', () => {
    const ruleOf = ([, , said]: Case) => said.split(' ')[0];
    expect(new Set(broken.map(ruleOf))).toEqual(new Set(recordRules.map(({ id }) => id)));
    expect(new Set(odd.map(ruleOf))).toEqual(new Set(recordDoubts.map(({ id }) => id)));
  });

  test.each([
    ['a withheld score', { ...score, value: undefined, absent: { value: 'withheld_policy' } }],
    ['a grade alone', { ...score, value: undefined, grade: 'admitted' }],
    ['a person who cannot be scored', { ...score, value: undefined, unscorable_reason: 'thin_file' }],
    ['an open dispute over a restricted record', { ...loan, marks: [mark], display_state: 'restricted' }],
    ['a dispute that ended', { ...loan, marks: [{ ...mark, ends_on: '2025-06-01' }] }],
    ['a year that may be before or after a day', { ...loan, closed: '2024' }],
    ['the source’s own spelling of a day', { ...loan, native: { opened: '20240105' } }],
    ['a band without an upper end', { ...listed, amount: { ...band, upper_minor: undefined } }],
    [
      'a public record as long as its register',
      {
        ...judgment,
        ...{ expires_on: '2026-12-31', retention_rule: 'r', public_register_until: '2026-12-31' },
      },
    ],
  ])('%s enters', (_, value) => {
    expect(faultsOf(JSON.parse(JSON.stringify(value)))).toEqual([]);
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
    expect(faultsOf({ ...loan, is_adverse: true, notice_exemption: 'public' })).toEqual([]);
  });
});
