import { describe, expect, it } from 'vitest';
import { readRecord } from '../faults.ts';
import type { CreditRecord } from '../record.ts';
import type { FileCheck } from './check-file.ts';
import { checkFile } from './check-file.ts';
import { FIRM, PERSON, fen, mappingOf, text } from './mappings.fixture.ts';
import type { Fields } from './mappings.fixture.ts';

const CONSENT = `sha-256:${'A'.repeat(43)}`;

interface Line {
  readonly [column: string]: string;
}

async function publish(record: string, fields: Fields, line: Line, more: object = {}) {
  const taken: CreditRecord[] = [];
  const json = JSON.stringify({ kind: 'p', id: PERSON, no: 'N1', ...line });
  const check = await checkFile(
    mappingOf(record, fields, [], more),
    [new TextEncoder().encode(json)],
    (each) => {
      if ('records' in each.outcome) taken.push(...each.outcome.records);
    },
  );
  return { check, record: taken[0] };
}

const firm = { kind: 'e', id: FIRM };
const bands = { M05: { lower_minor: '300000', upper_minor: '400000', lower_open: true, upper_open: false } };

describe('a record of each kind', () => {
  it.each<[string, Fields, Line, object]>([
    [
      'account',
      {
        account_ref: text('no'),
        type: { const: 'credit_card' },
        currency: { const: 'CNY' },
        status: { column: 's', as: 'code', map: { '1': 'normal' }, else: 'unknown' },
        'overdue_principal.d31_60': fen('late'),
        rate_ppm: { column: 'rate', as: 'ratio', unit: 'percent' },
        'native.status': text('s'),
        'basis.law': { const: 'CN-CIR-2013' },
        history: {
          as: 'months',
          columns: ['m1', 'm2', 'm3'],
          map: { '0': 'N', '1': '1', '-2': 'A' },
          to: { const: '2026-10' },
          overdue: { columns: ['o1', 'o2', 'o3'], as: 'decimal', currency: 'CNY' },
        },
      },
      { s: '9', late: '0', rate: '18.25', m1: '-2', m2: '', m3: '1', o1: '0', o2: '0', o3: '12.5' },
      {
        ...{
          status: 'unknown',
          overdue_principal: { d31_60: '0' },
          rate_ppm: 182_500,
          native: { status: '9' },
        },
        ...{ basis: { law: 'CN-CIR-2013' } },
        history: { to: '2026-10', states: 'A#1', overdue: ['0', '0', '1250'] },
      },
    ],
    [
      'account_event',
      {
        ...{ account_ref: text('no'), kind: { const: 'extension' }, text: text('t') },
        on: { column: 'on', as: 'date', format: 'epoch_s' },
        ...{ term_change_months: { column: 'n', as: 'integer' }, amount: fen('a') },
      },
      { on: '1530000000', n: '-6', a: '100', t: '展期' },
      {
        on: '2018-06-26',
        term_change_months: -6,
        amount: { amount_minor: '100', currency: 'CNY' },
        text: '展期',
      },
    ],
    [
      'annotation',
      {
        kind: { const: 'provider_note' },
        category: { const: 'ACCOUNT_DETAIL' },
        added_on: { const: '2026-10-01' },
      },
      {},
      { kind: 'provider_note', category: 'ACCOUNT_DETAIL' },
    ],
    [
      'conditional',
      {
        ...{ kind: { const: 'income' }, consequence_notice: text('n'), 'basis.consent': { const: CONSENT } },
        amount: { column: 'b', as: 'band', currency: 'CNY', bands },
      },
      { n: 'notice-1', b: 'M05' },
      { amount: { ...bands.M05, currency: 'CNY', native_code: 'M05' }, basis: { consent: CONSENT } },
    ],
    [
      'facility',
      {
        agreement_ref: text('no'),
        kind: { const: 'revolving' },
        currency: { const: 'CNY' },
        status: { const: 'effective' },
        limit: fen('l'),
      },
      { l: '500' },
      { category: 'ACCOUNT_DETAIL', limit: '500' },
    ],
    [
      'inquiry',
      {
        requester_ref: text('r'),
        purpose: { const: 'LOAN_APPROVAL' },
        kind: { const: 'hard' },
        on: { column: 'on', as: 'date' },
      },
      { r: 'bank-1', on: '2026-01-02' },
      { on: '2026-01-02' },
    ],
    [
      'liability',
      {
        role: { const: 'guarantor' },
        contract_ref: text('no'),
        currency: { const: 'CNY' },
        responsibility: fen('a'),
      },
      { a: '1' },
      { category: 'GUARANTEE', responsibility: '1' },
    ],
    [
      'obligation',
      {
        kind: { const: 'loan' },
        frequency: { const: 'month' },
        status: { const: 'active' },
        instalment: fen('a'),
      },
      { a: '1' },
      { instalment: { amount_minor: '1', currency: 'CNY' } },
    ],
    [
      'postpaid',
      {
        ...{ sector: { const: 'telecom' }, status: { const: 'normal' }, arrears: fen('a') },
        history: {
          column: 'h',
          as: 'history',
          to: { const: '2026-10' },
          newest: 'first',
          map: { o: 'N', x: '1' },
        },
      },
      { a: '0', h: 'xoo' },
      { history: { to: '2026-10', states: 'NN1' } },
    ],
    [
      'public_record',
      { kind: { const: 'judgment' }, case_no: text('c') },
      { c: '（2026）京01民初1号' },
      { case_no: '（2026）京01民初1号' },
    ],
    [
      'rating',
      { agency: text('a', { letters: 'lower' }), grade: text('g') },
      { ...firm, a: 'Dagong', g: 'AA+' },
      { agency: 'dagong', grade: 'AA+' },
    ],
    [
      'relation',
      {
        kind: { const: 'shareholder' },
        party_ref: text('p'),
        party_kind: { const: 'person' },
        ratio_ppm: { column: 'r', as: 'ratio', unit: 'fraction' },
      },
      { ...firm, p: 'x-1', r: '0.51' },
      { ratio_ppm: 510_000 },
    ],
    [
      'score',
      {
        ...{
          model: { const: 'm' },
          min: { const: 300 },
          max: { const: 850 },
          direction: { const: 'higher_safer' },
        },
        value: { column: 'v', as: 'integer', absent: ['N/A'], absence: 'unknown_at_source' },
        decisive: { column: 'd', as: 'boolean', true: ['Y'], false: ['N'] },
      },
      { v: 'N/A', d: 'N' },
      { absent: { value: 'unknown_at_source' }, decisive: false },
    ],
    [
      'statement',
      {
        ...{
          kind: { const: 'income' },
          period: { const: '2025' },
          span: { const: 'year' },
          standard: { const: 'cas' },
        },
        ...{ currency: { const: 'CNY' }, 'items.net_profit': { ...fen('p'), as: 'decimal', thousands: ',' } },
      },
      { ...firm, p: '-1,000.00' },
      { items: { net_profit: '-100000' } },
    ],
    [
      'watchlist',
      {
        ...{
          list: { const: 'industry' },
          sector: { const: 'aa' },
          risk_type: { const: 'aa001' },
          risk_code: text('c'),
        },
        amount: { column: 'a', as: 'minor', currency: 'CNY', decimals: 0 },
      },
      { c: 'AA001001', a: '12' },
      { amount: { amount_minor: '1200', currency: 'CNY' } },
    ],
    [
      'profile',
      { kind: { const: 'person' }, sex: { const: 'female' } },
      {},
      { category: 'IDENTITY', sex: 'female' },
    ],
    [
      'profile',
      { kind: { const: 'enterprise' }, industry: text('i') },
      { ...firm, i: 'c26' },
      { industry: 'c26' },
    ],
  ])('%s is made as its schema has it', async (kind, fields, line, expected) => {
    const { check, record } = await publish(kind, fields, line);
    expect(check.rejections).toEqual([]);
    expect(record).toMatchObject({ record: kind, record_id: `${kind}-N1`, as_of: '2026-10-31', ...expected });
    expect(readRecord(record, line['kind'] === 'e' ? 'enterprise' : 'person')).toMatchObject({ record });
  });
});

const loan = {
  account_ref: text('no'),
  type: { const: 'term' },
  currency: { const: 'CNY' },
  status: { const: 'overdue' },
  is_adverse: { column: 'bad', as: 'boolean', true: ['1'], false: ['0'] },
  notice_id: text('notice'),
};
const income = {
  kind: { const: 'income' },
  consequence_notice: text('notice'),
  'basis.consent': text('consent'),
};

describe('a record about a person', () => {
  const rules = (check: FileCheck) => Object.keys(check.rules);

  it('that is adverse needs its notice; an enterprise has no such right', async () => {
    expect((await publish('account', loan, { bad: '1', notice: 'n-1' })).check.accepted).toBe(1);
    expect((await publish('account', loan, { bad: '0' })).check.accepted).toBe(1);
    expect((await publish('account', loan, { ...firm, bad: '1' })).check.accepted).toBe(1);
    expect(rules((await publish('account', loan, { bad: '1' })).check)).toEqual(['adverse_notice']);
  });

  it('that is adverse without notice is held back where the mapping says so', async () => {
    const { check, record } = await publish('account', loan, { bad: '1' }, { hold_adverse: true });
    expect(check).toMatchObject({ accepted: 1, warned: 1, rules: { adverse_held: 1 } });
    expect(record).toMatchObject({ is_adverse: true });
    expect(readRecord(record, 'person')).toMatchObject({ faults: [{ rule: 'adverse_notice' }] });
    const noticed = await publish('account', loan, { bad: '1', notice: 'n' }, { hold_adverse: true });
    expect(noticed.check.rules).toEqual({});
  });

  it('of article 14 needs the written consent and the notice of consequences', async () => {
    expect((await publish('conditional', income, { notice: 'n', consent: CONSENT })).check.accepted).toBe(1);
    expect(rules((await publish('conditional', income, { notice: 'n' })).check)).toEqual([
      'conditional_basis',
    ]);
    expect(rules((await publish('conditional', income, { consent: CONSENT })).check)).toEqual(['required']);
    const held = await publish('conditional', income, { notice: 'n' }, { hold_adverse: true });
    expect(rules(held.check)).toEqual(['conditional_basis']);
  });

  it('is not made of an enterprise, nor the other way round', async () => {
    const profile = { kind: { const: 'person' } };
    expect(rules((await publish('profile', profile, firm)).check)).toEqual(['subject_kind']);
  });

  it('of another currency than its amounts are read in is refused', async () => {
    const mixed = { ...loan, is_adverse: { const: false }, currency: text('cur'), balance: fen('b') };
    expect((await publish('account', mixed, { cur: 'CNY', b: '1' })).check.accepted).toBe(1);
    expect(rules((await publish('account', mixed, { cur: 'USD', b: '1' })).check)).toEqual(['currency']);
  });

  it('is taken with a warning where it is odd', async () => {
    const odd = {
      ...loan,
      overdue_total: fen('o'),
      balance: fen('b'),
      opened: { const: '2026-01-01' },
      due: { const: '2025-01' },
    };
    const { check } = await publish('account', odd, { o: '2', b: '1' });
    expect(check).toMatchObject({ accepted: 1, warned: 1, rejected: 0 });
    expect(rules(check).toSorted()).toEqual([
      'adverse_unmarked',
      'dates_out_of_order',
      'overdue_beyond_balance',
    ]);
  });
});

describe('customer numbers in a sandbox', () => {
  const sandbox = (more: object = {}) => ({ subject: { scheme: 'sandbox', id: { column: 'id' }, ...more } });
  const profile = { kind: { const: 'person' } };

  it('become persons of no place, each number one of its own', async () => {
    const seen = new Set<string>();
    for (const id of ['0', '1', '998', '999', '30000', '46000000']) {
      const mapping = mappingOf('profile', profile, [], sandbox());
      await checkFile(mapping, [new TextEncoder().encode(JSON.stringify({ id, no: '1' }))], ({ outcome }) => {
        if ('subject' in outcome) seen.add(outcome.subject.value);
      });
    }
    expect(seen.size).toBe(6);
    for (const value of seen) expect(value).toMatch(/^990000(18|19[0-2])/u);
  });

  it.each([
    ['C-17', { prefix: 'C-' }, 1],
    ['0f9c-11', { hashed: true }, 1],
    ['C-17', {}, 0],
    ['17', { prefix: 'C-' }, 0],
    ['99999999', {}, 0],
    ['１７', {}, 0],
    ['-1', {}, 0],
  ])('%j with %j: %i taken', async (id, rule, accepted) => {
    const { check } = await publish('profile', profile, { id }, sandbox(rule));
    expect(check).toMatchObject({ accepted, rules: accepted === 1 ? {} : { identifier_check: 1 } });
  });
});
