import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecord } from '../faults.ts';
import type { CreditRecord } from '../record.ts';
import type { FileCheck } from './check-file.ts';
import { checkFile } from './check-file.ts';
import { parseMapping } from './parse-mapping.ts';

const PERSON = '990000199003070013';
const FIRM = '91990000MA0000015Q';
const CONSENT = `sha-256:${'A'.repeat(43)}`;

type Fields = Readonly<Record<string, unknown>>;

const mappingOf = (record: string, fields: Fields, columns: readonly string[], more: object = {}) =>
  parseMapping({
    ...{ v: 1, name: 'any', bureau: 'lotus', format: 'jsonl', encoding: 'utf-8' },
    subject: { scheme: { column: 'kind', values: { p: 'gb11643', e: 'gb32100' } }, id: { column: 'id' } },
    records: [{ record, fields: { source_record_id: { column: 'no', as: 'text' }, ...fields } }],
    as_of: { const: '2026-10-31' },
    ...(columns.length > 0 ? { format: 'tsv', header: [...columns] } : {}),
    ...more,
  });

interface Line {
  readonly [column: string]: string;
}

async function publish(record: string, fields: Fields, line: Line, more: object = {}) {
  const taken: CreditRecord[] = [];
  const text = JSON.stringify({ kind: 'p', id: PERSON, no: 'N1', ...line });
  const check = await checkFile(
    mappingOf(record, fields, [], more),
    [new TextEncoder().encode(text)],
    (each) => {
      if ('records' in each.outcome) taken.push(...each.outcome.records);
    },
  );
  return { check, record: taken[0] };
}

const text = (column: string, more: object = {}) => ({ column, as: 'text', ...more });
const fen = (column: string, more: object = {}) => ({ column, as: 'minor', currency: 'CNY', ...more });
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
    expect(readRecord(record, line['kind'] === 'e' ? 'enterprise' : 'person')).toEqual({ record });
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

  it('that is adverse without notice is held, restricted, where the mapping says so', async () => {
    const { check, record } = await publish('account', loan, { bad: '1' }, { hold_adverse: true });
    expect(check).toMatchObject({ accepted: 1, warned: 1, rules: { adverse_held: 1 } });
    expect(record).toMatchObject({ display_state: 'restricted', display_override: 'adverse_notice' });
    expect(readRecord(record, 'person')).toEqual({ record });
    const noticed = await publish('account', loan, { bad: '1', notice: 'n' }, { hold_adverse: true });
    expect(noticed.record).not.toHaveProperty('display_state');
  });

  it('of article 14 needs the written consent and the notice of consequences', async () => {
    expect((await publish('conditional', income, { notice: 'n', consent: CONSENT })).check.accepted).toBe(1);
    expect(rules((await publish('conditional', income, { notice: 'n' })).check)).toEqual([
      'conditional_consent',
    ]);
    expect(rules((await publish('conditional', income, { consent: CONSENT })).check)).toEqual(['required']);
    const held = await publish('conditional', income, { notice: 'n' }, { hold_adverse: true });
    expect(rules(held.check)).toEqual(['conditional_consent']);
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
      'overdue_above_balance',
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

describe('a mapping', () => {
  const account = {
    account_ref: text('no'),
    type: { const: 'term' },
    currency: { const: 'CNY' },
    status: { const: 'normal' },
  };
  it.each<[string, string, Fields, string]>([
    ['of a list of marks', 'account', { ...account, marks: text('m') }, 'marks'],
    ['of co-lenders', 'account', { ...account, co_lenders: text('m') }, 'co_lenders'],
    ['of a whole map', 'account', { ...account, native: text('m') }, 'native'],
    [
      'of a day that retention derives',
      'account',
      { ...account, expires_on: { const: '2030-01-01' } },
      'expires_on',
    ],
    [
      'of how a record is shown',
      'account',
      { ...account, display_state: { const: 'visible' } },
      'display_state',
    ],
    ['without a required field', 'account', { ...account, status: undefined }, 'status'],
    [
      'without a category that nobody can guess',
      'annotation',
      { kind: { const: 'provider_note' }, added_on: { const: '2026-01-01' } },
      'category',
    ],
    [
      'with an amount in another currency',
      'account',
      { ...account, balance: fen('b', { currency: 'USD' }) },
      'balance',
    ],
    [
      'with an unknown currency',
      'obligation',
      {
        kind: { const: 'loan' },
        frequency: { const: 'month' },
        status: { const: 'active' },
        instalment: fen('a', { currency: 'XXX' }),
      },
      'instalment/currency',
    ],
    [
      'with somebody’s number in it',
      'account',
      { ...account, lender_ref: { const: PERSON } },
      'lender_ref/const',
    ],
    [
      'with a code for no value of the field',
      'account',
      { ...account, status: { column: 's', as: 'code', map: { a: 'fine' } } },
      'status/map/a',
    ],
    [
      'with an else for no value',
      'account',
      { ...account, status: { column: 's', as: 'code', map: {}, else: 'fine' } },
      'status/else',
    ],
    [
      'with a month where a day is needed',
      'account',
      { ...account, reported_on: { column: 'd', as: 'date', format: 'YYYY-MM' } },
      'reported_on/format',
    ],
    [
      'with a point that is the thousands mark',
      'account',
      { ...account, balance: { column: 'b', as: 'decimal', currency: 'CNY', thousands: '.' } },
      'balance/thousands',
    ],
    [
      'with a history that ends in no month',
      'account',
      { ...account, history: { column: 'h', as: 'history', to: { column: 'y', format: 'YYYY' } } },
      'history/to/format',
    ],
    [
      'with an expression that could run on',
      'account',
      {
        ...account,
        balance: { as: 'expression', expression: '$f(1)', read: { as: 'decimal', currency: 'CNY' } },
      },
      'balance/expression',
    ],
    [
      'with an expression read as something else',
      'account',
      { ...account, balance: { as: 'expression', expression: 'b' } },
      'balance',
    ],
  ])('%s is refused', (_, record, fields, pointer) => {
    expect(() => mappingOf(record, JSON.parse(JSON.stringify(fields)) as Fields, [])).toThrow(
      expect.objectContaining({ code: 'mapping_invalid', pointer: `/records/0/fields/${pointer}` }),
    );
  });
});

describe('what the compiled mapping takes', () => {
  const columns = ['kind', 'id', 'no', 'a', 'd', 't', 'n', 'c', 'h', 'bad', 'e'];
  const wide = mappingOf(
    'account',
    {
      ...{ account_ref: text('t'), type: { const: 'term' }, currency: text('c'), status_native: text('t') },
      status: { column: 'n', as: 'code', map: { '1': 'normal' }, else: 'unknown' },
      ...{
        balance: fen('a', { as: 'decimal', negative: 'zero' }),
        limit: fen('n', { absent: ['', 'x'], absence: 'not_reported' }),
      },
      ...{
        opened: { column: 'd', as: 'date', format: 'YYYYMMDD' },
        due: text('e'),
        term_count: { column: 'n', as: 'integer' },
      },
      ...{
        history: { column: 'h', as: 'history', to: { const: '2026-10' } },
        lender_type: text('t', { letters: 'lower' }),
      },
      ...{ is_adverse: { column: 'bad', as: 'boolean', true: ['1'], false: ['0'] }, 'native.t': text('t') },
      ...{ business_kind: { as: 'expression', expression: 't & "-" & n' }, notice_exemption: text('t') },
    },
    columns,
  );
  const nasty = fc.oneof(
    fc.constantFrom(
      '',
      'x',
      '1',
      '-1',
      '0',
      '8095.20',
      'CNY',
      'USD',
      'XXX',
      '20240230',
      '20240229',
      '2024-02-30',
    ),
    fc.constantFrom('NN1', 'NN?', PERSON, ` ${FIRM} `, 'a'.repeat(200), 'é', '中', '10001', '２'),
    fc.string({ maxLength: 8 }).map((each) => each.replaceAll(/[\t\n]/gu, ' ')),
  );

  async function recordsOf(cells: readonly string[]): Promise<CreditRecord[]> {
    const taken: CreditRecord[] = [];
    const line = new TextEncoder().encode(`${cells.join('\t')}\n`);
    await checkFile(wide, [line], ({ outcome }) => {
      if ('records' in outcome) taken.push(...outcome.records);
    });
    return taken;
  }

  it('is what the record model takes, whatever the line holds', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(['p', PERSON], ['e', FIRM]),
        fc.dictionary(fc.integer({ min: 0, max: 8 }).map(String), nasty, { maxKeys: 3 }),
        async (who, spoiled) => {
          const good = ['N1', '12.5', '20240229', 'abc', '7', 'CNY', 'NN1', '0', '2024-02'];
          const cells = [...who, ...good.map((value, at) => spoiled[at] ?? value)];
          const taken = await recordsOf(cells);
          count += taken.length;
          for (const record of taken)
            expect(readRecord(record, who[0] === 'p' ? 'person' : 'enterprise')).toEqual({ record });
        },
      ),
      { numRuns: 1500 },
    );
    expect(count).toBeGreaterThan(100);
  });
});
