import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeStrict } from '../encodings.ts';
import type { FileCheck } from './check-file.ts';
import { checkFile } from './check-file.ts';
import { FileReader } from './file-reader.ts';
import { LineMapper } from './line-mapper.ts';
import { parseMapping } from './parse-mapping.ts';
import { PublishingRefusal } from './refusal.ts';

const ID = '990000199003070013';

const base = {
  v: 1,
  name: 'loans-xml',
  bureau: 'lotus',
  format: 'xml',
  encoding: 'utf-8',
  xml: {
    row: '/Report/Accounts/Account',
    columns: { id: 'Holder/IdNo', no: '@no', amount: 'Amount', currency: 'Amount/@currency', 名: '户名' },
  },
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'account',
      fields: {
        source_record_id: { column: 'no', as: 'text' },
        account_ref: { column: 'no', as: 'text' },
        type: { const: 'term' },
        currency: { column: 'currency', as: 'text' },
        status: { const: 'normal' },
        balance: { column: 'amount', as: 'decimal', currency: 'CNY', thousands: ',' },
      },
    },
  ],
  as_of: { const: '2018-12-31' },
};
const mapping = parseMapping(structuredClone(base));
const gbk = parseMapping({ ...structuredClone(base), encoding: 'gbk' });

const account = (no: string, change = ''): string =>
  [
    `<Account no="${no}"><Holder><IdNo>${ID}</IdNo></Holder>`,
    `<Amount currency="CNY"> 12,000.50 </Amount>${change}</Account>`,
  ].join('');
const documentOf = (...rows: string[]): string =>
  [
    '<?xml version="1.0"?>\n<Report><Head>x &gt; y</Head><Accounts>',
    `${rows.join('\n')}\n</Accounts></Report>\n`,
  ].join('\n');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const check = async (text: string): Promise<FileCheck> => await checkFile(mapping, [bytes(text)]);

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof PublishingRefusal ? error.code : 'taken';
}

describe('an XML document', () => {
  it('becomes records, one for each row, by paths and attributes', async () => {
    const found: unknown[] = [];
    await checkFile(mapping, [bytes(documentOf(account('1'), account('2')))], ({ outcome }) =>
      found.push(outcome),
    );
    expect(found).toHaveLength(2);
    expect(found[1]).toMatchObject({
      line: 2,
      subject: { value: ID },
      records: [{ record_id: 'account-2', currency: 'CNY', balance: '1200050' }],
    });
  });

  it('is the same however its bytes are cut', async () => {
    const whole = bytes(documentOf(account('1', '<户名>李娜</户名>'), account('2'), account('3')));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
        async (sizes) => {
          const chunks: Uint8Array[] = [];
          for (let at = 0, n = 0; at < whole.length; n += 1) {
            const size = sizes[n % sizes.length] ?? 1;
            chunks.push(whole.slice(at, at + size));
            at += size;
          }
          expect(await checkFile(mapping, chunks)).toMatchObject({ lines: 3, accepted: 3 });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is read on behind any row', () => {
    const whole = bytes(documentOf(account('1'), account('2'), account('3')));
    const reader = new FileReader(mapping);
    for (const raw of reader.feed(whole)) {
      const rest = new FileReader(mapping, { offset: raw.end, line: raw.lastLine + 1, columns: [] });
      const mapper = new LineMapper(mapping, rest);
      const outcomes = rest.feed(whole.slice(raw.end)).map((each) => mapper.map(each));
      expect(outcomes.map((each) => ('line' in each ? each.line : 0))).toEqual([1, 2, 3].slice(raw.line));
      expect(rest.end()).toEqual([]);
    }
  });

  it('in GBK is cut only where a character ends', async () => {
    const text = documentOf(account('1', '<户名>李娜丂</户名>'), account('2'));
    const encoded = encodeStrict(text.replace('?>', ' encoding="GBK"?>'), 'gbk');
    expect(await checkFile(gbk, [encoded])).toMatchObject({ accepted: 2 });
  });

  it('of one bad byte loses that row', async () => {
    const whole = bytes(documentOf(account('1'), account('2', '<X>zz</X>'), account('3')));
    whole.set([0xff], whole.indexOf(0x7a));
    const result = await checkFile(mapping, [whole]);
    expect(result).toMatchObject({ lines: 3, accepted: 2, rejections: [{ line: 2, rule: 'encoding' }] });
  });

  it.each([
    ['xml', account('1', '<Amount>1</Amount>')],
    ['xml', account('1', `${'<a>'.repeat(20)}${'</a>'.repeat(20)}`)],
    ['prohibited_category', account('1', '<BloodType>A</BloodType>')],
    ['prohibited_category', account('1', '<x religion="none"/>')],
    ['line_too_long', account('1', `<x>${'y'.repeat(70_000)}</x>`)],
    ['currency', account('1').replace('CNY', 'USD')],
    ['decimal', account('1').replace('12,000.50', '12,00.50')],
    ['required', account('1').replace('no="1"', '')],
    ['characters', account('1').replace('no="1"', 'no="&#x85;"')],
  ])('loses one row to %s', async (rule, row) => {
    const result = await check(documentOf(account('0'), row, account('2')));
    expect(result).toMatchObject({ lines: 3, accepted: 2, rejections: [{ line: 2, rule }] });
    expect(JSON.stringify(result)).not.toContain(ID);
  });

  it.each([
    ['file_malformed', 'a document type', documentOf().replace('<Report>', '<!DOCTYPE Report><Report>')],
    ['file_malformed', 'an entity of its own', documentOf(account('1', '&xxe;'))],
    ['file_malformed', 'entities that multiply', `<!DOCTYPE r [<!ENTITY a "aa">]>${documentOf()}`],
    ['file_malformed', 'elements that cross', documentOf('<Account><a></Account></a>')],
    ['file_malformed', 'ten thousand elements inside each other', '<Report>'.repeat(10_000)],
    ['file_malformed', 'a comment without an end', `<Report><!-- ${'> '.repeat(700_000)}`],
    ['header_unreadable', 'another root', '<Other/>'],
    ['header_unreadable', 'no root', '  '],
    ['header_unreadable', 'another declared encoding', documentOf().replace('?>', ' encoding="big5"?>')],
    ['header_unreadable', 'a strange encoding', documentOf().replace('?>', ' encoding="constructor"?>')],
    ['file_truncated', 'an end inside a row', documentOf(account('1')).slice(0, 150)],
    ['file_truncated', 'an end inside a tag', documentOf(account('1')).slice(0, -14)],
    ['file_malformed', 'a bad byte outside of the rows', '\uffff'],
  ])('is refused whole as %s: %s', async (code, title, text) => {
    const raw = title.startsWith('a bad byte')
      ? bytes(documentOf().replace('x &gt;', 'z &gt;'))
      : bytes(text);
    if (title.startsWith('a bad byte')) raw.set([0xff], raw.indexOf(0x7a));
    expect(await refusal(checkFile(mapping, [raw]))).toBe(code);
  });

  it('never fails on any bytes: rows are counted or the file is refused', async () => {
    const parts = [
      '<Report>',
      '<Accounts>',
      '<Account no="1">',
      '</Account>',
      '</Accounts>',
      '</Report>',
      '<a/>',
      '&',
      '<',
      '>',
      '字',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?x?>',
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...parts), { maxLength: 14 }), async (chosen) => {
        const result = await check(chosen.join('')).catch((error: unknown) => error);
        const counted = typeof result === 'object' && result !== null && 'lines' in result;
        expect(counted || result instanceof PublishingRefusal).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
