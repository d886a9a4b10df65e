import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecord } from '../faults.ts';
import type { CreditRecord } from '../record.ts';
import { checkFile } from './check-file.ts';
import { FIRM, PERSON, fen, mappingOf, text } from './mappings.fixture.ts';
import type { Fields } from './mappings.fixture.ts';

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
      ...{
        is_adverse: { column: 'bad', as: 'boolean', true: ['1'], false: ['0'] },
        'native_ext.t': text('t'),
      },
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
            expect(readRecord(record, who[0] === 'p' ? 'person' : 'enterprise')).toMatchObject({ record });
        },
      ),
      { numRuns: 1500 },
    );
    expect(count).toBeGreaterThan(100);
  });
});
