import { describe, expect, it } from 'vitest';
import { checkFile, checkedLines } from './check-file.ts';
import type { FileCheck } from './check-file.ts';
import { parseMapping } from './parse-mapping.ts';
import { PublishingRefusal } from './refusal.ts';

const ID = '990000199003070013';
const OTHER = '99000019851224112X';

const base = {
  v: 1,
  name: 'loans',
  bureau: 'lotus',
  format: 'csv',
  encoding: 'utf-8',
  header: true,
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'account',
      when: { column: 'kind', in: ['loan', 'lease'] },
      fields: {
        source_record_id: { column: 'no', as: 'text' },
        account_ref: { column: 'no', as: 'text' },
        type: { column: 'kind', as: 'code', map: { loan: 'term', lease: 'lease' } },
        currency: { const: 'CNY' },
        status: { const: 'normal' },
        original: { column: 'amount', as: 'decimal', currency: 'CNY' },
        opened: { column: 'on', as: 'date', format: 'YYYYMMDD', absence: 'not_reported' },
        term_count: { column: 'months', as: 'integer' },
        history: { column: 'hist', as: 'history', to: { column: 'on', format: 'YYYYMMDD' } },
      },
    },
    {
      record: 'obligation',
      when: { column: 'kind', equals: 'order' },
      fields: {
        source_record_id: { column: 'no', as: 'text', prefix: 'order-' },
        kind: { const: 'loan' },
        frequency: { const: 'month' },
        status: { const: 'active' },
        instalment: { column: 'amount', as: 'decimal', currency: 'CNY' },
      },
    },
  ],
  as_of: { const: '2018-12-31' },
};

const csv = parseMapping(base);
const tsv = parseMapping({ ...base, format: 'tsv' });
const jsonl = parseMapping({ ...base, format: 'jsonl', header: undefined });
const HEADER = 'id,no,kind,amount,on,months,hist';
const GOOD = `${ID},L1,loan,8095.20,20140105,24,NN1`;

const bytes = (text: string): Uint8Array[] => [new TextEncoder().encode(text)];
const check = (...lines: string[]): Promise<FileCheck> =>
  checkFile(csv, bytes(`${[HEADER, ...lines].join('\n')}\n`));

async function refused(promise: Promise<unknown>): Promise<PublishingRefusal> {
  const error: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof PublishingRefusal) return error;
  throw new Error('the file was not refused');
}

describe('a file', () => {
  it('becomes records, each by the rule that applies to its line', async () => {
    const outcomes = [];
    const text = `${HEADER}\r\n${GOOD}\r\n${OTHER.toLowerCase()},7,order,245.2,,,\r\n`;
    for await (const lines of checkedLines(csv, bytes(text)))
      outcomes.push(...lines.map(({ outcome }) => outcome));
    expect(outcomes).toEqual([
      {
        line: 2,
        subject: { scheme: 'gb11643', value: ID },
        records: [
          {
            record: 'account',
            category: 'ACCOUNT_DETAIL',
            record_id: 'account-L1',
            source_record_id: 'L1',
            account_ref: 'L1',
            type: 'term',
            currency: 'CNY',
            status: 'normal',
            original: '809520',
            opened: '2014-01-05',
            term_count: 24,
            history: { to: '2014-01', states: 'NN1' },
            as_of: '2018-12-31',
          },
        ],
        warnings: [],
      },
      {
        line: 3,
        subject: { scheme: 'gb11643', value: OTHER },
        records: [
          {
            record: 'obligation',
            category: 'ACCOUNT_DETAIL',
            record_id: 'obligation-order-7',
            source_record_id: 'order-7',
            kind: 'loan',
            frequency: 'month',
            status: 'active',
            instalment: { amount_minor: '24520', currency: 'CNY' },
            as_of: '2018-12-31',
          },
        ],
        warnings: [],
      },
    ]);
  });

  it('of tabs has no quotes, and of JSON Lines keeps the digits of an amount', async () => {
    const tabs = `${HEADER}\n${GOOD}\n`.replaceAll(',', '\t').replace('L1', '"L1');
    expect(await checkFile(tsv, bytes(tabs))).toMatchObject({ accepted: 1, rejections: [] });
    const rest = '"kind":"loan","amount":8095.20,"on":"20140105","months":24,"hist":null';
    const line = `{"id":"${ID}","no":"L1",${rest}}`;
    expect(await checkFile(jsonl, bytes(`${line}\n`))).toMatchObject({
      accepted: 1,
      records: { account: 1 },
    });
  });

  it('may begin with a byte order mark and end without a line end', async () => {
    expect(await checkFile(csv, bytes(`\ufeff${HEADER}\n${GOOD}`))).toMatchObject({ lines: 1, accepted: 1 });
  });

  it.each([
    ['identifier_check', 'id', GOOD.replace(ID, '990000199003070014')],
    ['identifier_check', 'id', GOOD.replace(ID, '９９００００199003070013')],
    ['identifier_check', 'id', GOOD.replace(ID, `\u200b${ID}`)],
    ['required', 'id', GOOD.replace(ID, '')],
    ['required', 'no', GOOD.replace('L1', '')],
    ['code', 'kind', GOOD.replace(',loan,', ',lease,').replace('lease', 'LEASE')],
    ['decimal', 'amount', GOOD.replace('8095.20', '8,095.20').replace('8,095.20', '"8,095.20"')],
    ['decimal', 'amount', GOOD.replace('8095.20', '8e3')],
    ['decimal', 'amount', GOOD.replace('8095.20', '0.001')],
    ['negative', 'amount', GOOD.replace('8095.20', '-1.00')],
    ['date', 'on', GOOD.replace('20140105', '20140230')],
    ['date', 'on', GOOD.replace('20140105', '2014-01-05')],
    ['integer', 'months', GOOD.replace(',24,', ',24.0,')],
    ['history', 'hist', GOOD.replace('NN1', 'NN?')],
    ['columns', null, `${GOOD},more`],
    ['columns', null, ID],
    ['quote', null, GOOD.replace('L1', 'L"1')],
    ['quote', null, GOOD.replace('L1', '"L1"x')],
    ['characters', null, GOOD.replace('L1', 'L\u00001')],
    ['no_record', null, GOOD.replace('loan', 'gift')],
    ['line_too_long', null, GOOD.replace('L1', 'L'.repeat(70_000))],
    ['identifier_in_record', 'no', GOOD.replace('L1', OTHER)],
  ])('S73 loses one line to the rule %s (column %s), and only that line', async (rule, column, line) => {
    const expected = line.includes(',LEASE,') ? 'no_record' : rule;
    const result = await check(GOOD, line, GOOD);
    expect(result).toMatchObject({ lines: 3, accepted: 2 });
    expect(result.rejections).toHaveLength(1);
    const at = expected === 'no_record' ? null : column;
    expect(result.rejections[0]).toMatchObject({ line: 3, rule: expected, column: at });
    expect(result.rejections[0]?.pointer === null).toBe(at === null);
    expect(JSON.stringify(result.rejections)).not.toContain(ID);
  });

  it('loses one line to one bad byte', async () => {
    const [text] = bytes(`${HEADER}\n${GOOD}\n${GOOD}\n`);
    text?.set([0xff], HEADER.length + 3);
    const result = await checkFile(csv, [text ?? new Uint8Array()]);
    expect(result).toMatchObject({ lines: 2, accepted: 1, rejections: [{ line: 2, rule: 'encoding' }] });
  });

  it.each([
    ['no value', `{"id":}`, 'id'],
    ['not JSON', `id=1`, null],
    ['a nested value', `{"id":{"a":1}}`, 'id'],
    ['a member twice', `{"id":"1","id":"2"}`, 'id'],
    ['half a character', `{"id":"\\ud800"}`, null],
    ['an array', `[1]`, null],
    ['ten thousand brackets', '['.repeat(10_000), null],
    ['two objects', `{} {}`, null],
  ])('S64 of JSON Lines loses a line with %s', async (_, line, column) => {
    const result = await checkFile(jsonl, bytes(`${line}\n`));
    expect(result).toMatchObject({ accepted: 0, rejections: [{ line: 1, rule: 'json', column }] });
  });

  it('of JSON Lines loses a line with data that no bureau may collect', async () => {
    const result = await checkFile(jsonl, bytes(`{"id":"${ID}","blood_type":"A"}\n`));
    expect(result.rejections).toMatchObject([{ rule: 'prohibited_category', column: 'blood_type' }]);
  });

  it.each([
    ['an unterminated quote', `${HEADER}\n${GOOD}\n${ID},"L1`],
    ['an unterminated quote far above its end', `${HEADER}\n${ID},"L1\n${`${GOOD}\n`.repeat(3000)}`],
    ['a short last line', `${HEADER}\n${GOOD}\n${ID},L1`],
    ['half a character', `${HEADER}\n${GOOD}\n${ID},L`],
    ['a header cut inside a quote', `"id,no`],
  ])('that ends with %s is refused whole', async (title, text) => {
    const [whole] = bytes(text);
    const cut = title === 'half a character' ? Uint8Array.of(...(whole ?? []), 0xe4) : whole;
    expect((await refused(checkFile(csv, [cut ?? new Uint8Array()]))).code).toBe('file_truncated');
  });

  it('of JSON Lines that ends inside an object is refused whole', async () => {
    expect((await refused(checkFile(jsonl, bytes(`{"id":"${ID}"}\n{"id":"99`)))).code).toBe('file_truncated');
  });

  it.each([
    ['nothing in it', ''],
    ['a column missing', `${GOOD}\n`],
    ['a column twice', `${HEADER},id\n`],
    ['a column without a name', `${HEADER},\n`],
    ['a bad byte', 'bad'],
    ['UTF-16', 'utf16'],
    ['data that no bureau may collect', `${HEADER},religion\n`],
  ])('whose header has %s is refused whole', async (title, text) => {
    const raw = { bad: [0xff, 0x0a], utf16: [...Buffer.from(`\ufeff${HEADER}\n`, 'utf16le')] }[text];
    const file = raw ? [Uint8Array.from(raw)] : bytes(text);
    const { code, message } = await refused(checkFile(csv, file));
    expect([title, code]).toEqual([title, 'header_unreadable']);
    expect(message).not.toContain(ID);
  });
});

describe('a line with a deletion code', () => {
  const deleting = parseMapping({ ...base, delete: { column: 'hist', in: ['DA', 'DF'] } });
  const outcome = async (line: string) => {
    for await (const [each] of checkedLines(deleting, bytes(`${HEADER}\n${line}\n`))) return each?.outcome;
    return undefined;
  };

  it('names its records by id and day, and needs nothing else of them', async () => {
    expect(await outcome(`${ID},L1,loan,,,,DA`)).toMatchObject({
      ...{ subject: { value: ID }, records: [] },
      deletions: [{ record: 'account', source_record_id: 'L1', as_of: '2018-12-31' }],
    });
    expect(await outcome(`${ID},9,order,,,,DF`)).toMatchObject({
      deletions: [{ record: 'obligation', source_record_id: 'order-9' }],
    });
    expect(await outcome(GOOD)).not.toHaveProperty('deletions');
  });

  it.each([
    ['without the id of its record', `${ID},,loan,,,,DA`, 'required', 'no'],
    ['of nobody', `1,L1,loan,,,,DA`, 'identifier_check', 'id'],
    ['of no record that the mapping knows', `${ID},L1,cheque,,,,DA`, 'no_record', null],
    ['in a code that is none', `${ID},L1,loan,1.00,20140105,1,DX`, 'history', 'hist'],
  ])('%s is rejected', async (_name, line, rule, column) => {
    expect(await outcome(line)).toMatchObject({ rejection: { rule, column } });
  });
});
