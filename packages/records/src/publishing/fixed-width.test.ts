import { describe, expect, it } from 'vitest';
import { encodeStrict } from '../encodings.ts';
import { checkFile, checkedLines } from './check-file.ts';
import { FileReader } from './file-reader.ts';
import { parseMapping } from './parse-mapping.ts';
import { PublishingRefusal } from './refusal.ts';

const ID = '990000199003070013';

/** The nightly file of loans of the simulated Xiaomi bureau: 200 bytes, GBK, sign last, in fen. */
const layout = {
  record_bytes: 200,
  line_end: 'lf',
  columns: [
    { name: 'seq', at: 1, bytes: 8 },
    { name: 'idType', at: 9, bytes: 2 },
    { name: 'id', at: 11, bytes: 18 },
    { name: 'name', at: 29, bytes: 30 },
    { name: 'loanNo', at: 59, bytes: 24 },
    { name: 'open', at: 83, bytes: 8 },
    { name: 'due', at: 91, bytes: 8 },
    { name: 'amtFen', at: 99, bytes: 15 },
    { name: 'bal', at: 114, bytes: 15 },
    { name: 'status', at: 129, bytes: 1 },
    { name: 'ovdDays', at: 130, bytes: 4 },
  ],
  type: { at: 0, bytes: 1, header: 'H', data: 'D', trailer: 'T' },
  totals: {
    count: { at: 1, bytes: 8 },
    sums: [{ column: 'amtFen', at: 9, bytes: 18, sign: 'last' }],
  },
};

const base = {
  v: 1,
  name: 'xm-loan',
  bureau: 'xiaomi',
  format: 'fixed',
  encoding: 'gbk',
  fixed: layout,
  subject: { scheme: { column: 'idType', values: { '01': 'gb11643' } }, id: { column: 'id' } },
  records: [
    {
      record: 'account',
      fields: {
        source_record_id: { column: 'loanNo', as: 'text' },
        account_ref: { column: 'loanNo', as: 'text' },
        type: { const: 'term' },
        currency: { const: 'CNY' },
        status: { column: 'status', as: 'code', map: { S: 'settled', N: 'normal', O: 'overdue' } },
        opened: { column: 'open', as: 'date', format: 'YYYYMMDD' },
        due: { column: 'due', as: 'date', format: 'YYYYMMDD' },
        original: { column: 'amtFen', as: 'minor', currency: 'CNY', sign: 'last' },
        balance: { column: 'bal', as: 'minor', currency: 'CNY', sign: 'last', negative: 'zero' },
        'native_ext.overdue_days': { column: 'ovdDays', as: 'text', absent: ['0000'] },
        is_adverse: { const: false },
      },
    },
  ],
  as_of: { const: '2019-06-30' },
};

const mapping = parseMapping(structuredClone(base));
const unterminated = parseMapping({ ...structuredClone(base), fixed: { ...layout, line_end: 'none' } });

/** A record of 200 bytes: texts at their places, each padded with spaces or cut to its bytes. */
function record(parts: Readonly<Record<number, string>>): Uint8Array {
  const bytes = new Uint8Array(200).fill(0x20);
  for (const [at, text] of Object.entries(parts)) bytes.set(encodeStrict(text, 'gbk'), Number(at));
  return bytes;
}

const loan = (n: number, change: Readonly<Record<number, string>> = {}): Uint8Array =>
  record({
    ...{ 0: 'D', 1: String(n).padStart(8, '0'), 9: '01', 11: ID, 29: '李娜·娜迪拉', 59: `XM${n}` },
    ...{
      83: '20180301',
      91: '20190630',
      99: '00000001500000+',
      114: '00000000800000+',
      129: 'N',
      130: '0000',
    },
    ...change,
  });
const header = record({ 0: 'H', 1: '20190630' });
const trailer = (count: number, sum: string): Uint8Array =>
  record({ 0: 'T', 1: String(count).padStart(8, '0'), 9: sum });
const sum = (fen: number): string => `${String(fen).padStart(17, '0')}+`;

function file(records: readonly Uint8Array[], end = '\n'): Uint8Array {
  const eol = new TextEncoder().encode(end);
  return Uint8Array.from(records.flatMap((each) => [...each, ...eol]));
}

const check = async (...records: Uint8Array[]) =>
  await checkFile(mapping, [
    file([header, ...records, trailer(records.length, sum(1_500_000 * records.length))]),
  ]);

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof PublishingRefusal ? error.code : 'taken';
};

describe('a file of fixed width', () => {
  it('becomes records: bytes are counted, names are not read, amounts have their sign last', async () => {
    const whole = file([header, loan(1), loan(2), trailer(2, sum(3_000_000))]);
    const outcomes = [];
    for await (const lines of checkedLines(mapping, [whole]))
      outcomes.push(...lines.map((each) => each.outcome));
    expect(outcomes).toHaveLength(2);
    expect(outcomes[0]).toEqual({
      line: 2,
      subject: { scheme: 'gb11643', value: ID },
      warnings: [],
      records: [
        {
          ...{ record: 'account', category: 'ACCOUNT_DETAIL', record_id: 'account-XM1' },
          ...{ source_record_id: 'XM1', account_ref: 'XM1', type: 'term', currency: 'CNY', status: 'normal' },
          ...{ opened: '2018-03-01', due: '2019-06-30', original: '1500000', balance: '800000' },
          ...{ is_adverse: false, as_of: '2019-06-30' },
        },
      ],
    });
    expect(JSON.stringify(outcomes)).not.toContain('李娜');
  });

  it('without line ends is the same, however it is cut into chunks', async () => {
    const whole = file([header, loan(1), loan(2), trailer(2, sum(3_000_000))], '');
    for (const size of [1, 7, 199, 200, 201, 1000]) {
      const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
        whole.slice(at * size, (at + 1) * size),
      );
      expect(await checkFile(unterminated, chunks)).toMatchObject({ lines: 2, accepted: 2 });
    }
  });

  it('is read on from any record, where its totals were checked before', () => {
    const whole = file([header, loan(1), loan(2), loan(3), trailer(3, sum(4_500_000))]);
    const first = new FileReader(mapping);
    const [one] = first.feed(whole);
    const rest = new FileReader(mapping, { offset: one?.end ?? 0, line: 3, columns: [] });
    expect(rest.feed(whole.slice(one?.end)).map(({ line }) => line)).toEqual([3, 4]);
    expect(rest.end()).toEqual([]);
  });

  it.each([
    ['split_character', 'name', { 29: 'a李娜李娜李娜李娜李娜李娜李娜李' }],
    ['identifier_check', 'id', { 11: '990000199003070014' }],
    ['code', 'status', { 129: 'X' }],
    ['code', 'idType', { 9: '02' }],
    ['date', 'open', { 83: '20180231' }],
    ['required', 'loanNo', { 59: ' '.repeat(24) }],
    ['negative', 'amtFen', { 99: '00000001500000-' }],
  ])('loses one record to %s (column %s)', async (rule, column, change) => {
    const bad = loan(2, change);
    // What the trailer adds up stays right, so that only the record itself is at fault.
    const total = rule === 'negative' ? 1_500_000 : 4_500_000;
    const records = [header, loan(1), bad, loan(3), trailer(3, sum(total))];
    const result = await checkFile(mapping, [file(records)]);
    expect(result).toMatchObject({ accepted: 2, rejections: [{ line: 3, rule, column }] });
  });

  it('loses a record with a byte of no meaning, or of another type, and counts only its data', async () => {
    const broken = loan(1);
    broken.set([0xff], 30);
    expect(await check(broken, loan(2))).toMatchObject({ accepted: 1, rules: { encoding: 1 } });
    const other = file([header, loan(1), loan(2, { 0: 'Q' }), trailer(1, sum(1_500_000))]);
    expect(await checkFile(mapping, [other])).toMatchObject({ accepted: 1, rules: { record_type: 1 } });
  });

  it('of which a record is too long loses that record', async () => {
    const long = Uint8Array.of(...loan(2), 0x20);
    expect(await check(loan(1), long)).toMatchObject({ accepted: 1, rules: { record_length: 1 } });
  });

  it.each([
    [
      'totals_mismatch',
      'a record fewer than its trailer says',
      [header, loan(1), trailer(2, sum(1_500_000))],
    ],
    [
      'totals_mismatch',
      'an amount altered',
      [header, loan(1, { 99: '00000001600000+' }), trailer(1, sum(1_500_000))],
    ],
    ['totals_mismatch', 'an amount that is none', [header, loan(1, { 99: 'x' }), trailer(1, sum(1_500_000))]],
    ['totals_mismatch', 'a trailer that is no number', [header, loan(1), trailer(1, 'x')]],
    ['file_truncated', 'no trailer', [header, loan(1)]],
    [
      'file_truncated',
      'half a record at its end',
      [header, loan(1), trailer(1, sum(1_500_000)), loan(2).slice(0, 90)],
    ],
    ['file_malformed', 'a record behind its trailer', [header, trailer(0, sum(0)), loan(1)]],
    ['file_malformed', 'a second header', [header, header, trailer(0, sum(0))]],
    ['header_unreadable', 'no header', [loan(1), trailer(1, sum(1_500_000))]],
    ['header_unreadable', 'nothing in it', []],
  ])('is refused whole as %s: %s', async (code, title, records) => {
    const bytes = file(records);
    const cut = title.startsWith('half') ? bytes.slice(0, -1) : bytes;
    expect(await codeOf(checkFile(mapping, [cut]))).toBe(code);
  });

  it.each([
    ['a column behind the record', { columns: [{ name: 'id', at: 190, bytes: 18 }] }, '/fixed/columns/0'],
    ['a column twice', { columns: [...layout.columns, layout.columns[0]] }, '/fixed/columns'],
    ['totals without a trailer', { type: { at: 0, bytes: 1, data: 'D' } }, '/fixed/totals'],
    ['a type of another length', { type: { ...layout.type, data: 'DD' } }, '/fixed/type/data'],
    [
      'a sum of no column',
      { totals: { sums: [{ column: 'x', at: 1, bytes: 2 }] } },
      '/fixed/totals/sums/0/column',
    ],
    ['no bytes', { record_bytes: 0 }, '/fixed/record_bytes'],
  ])('is not described by a layout with %s', (_, change, pointer) => {
    const changed = { ...structuredClone(base), fixed: { ...layout, ...change } };
    expect(() => parseMapping(changed)).toThrow(
      expect.objectContaining({ code: 'mapping_invalid', pointer }),
    );
  });
});
