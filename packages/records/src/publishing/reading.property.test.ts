import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileCheck } from './check-file.ts';
import { checkFile } from './check-file.ts';
import { csvFields, jsonFields } from './fields.ts';
import { FileReader } from './file-reader.ts';
import { LineMapper } from './line-mapper.ts';
import type { RawLine } from './line-splitter.ts';
import { LineSplitter } from './line-splitter.ts';
import { parseMapping } from './parse-mapping.ts';
import { LineFault, PublishingRefusal } from './refusal.ts';

const mapping = (format: 'csv' | 'tsv' | 'jsonl') =>
  parseMapping({
    v: 1,
    name: 'any',
    bureau: 'lotus',
    format,
    encoding: 'utf-8',
    ...(format === 'jsonl' ? {} : { header: ['id', 'no', 'amount'] }),
    subject: { scheme: 'gb11643', id: { column: 'id' } },
    records: [
      {
        record: 'obligation',
        fields: {
          source_record_id: { column: 'no', as: 'text' },
          kind: { const: 'other' },
          frequency: { const: 'month' },
          status: { const: 'active' },
          instalment: { column: 'amount', as: 'decimal', currency: 'CNY' },
        },
      },
    ],
    as_of: { const: '2018-12-31' },
  });

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    out.push(bytes.slice(at, at + size));
    at += size;
  }
  return out;
}

function split(chunks: readonly Uint8Array[]): RawLine[] {
  const splitter = new LineSplitter({ delimiter: ',', multibyte: false });
  const last = chunks.flatMap((chunk) => splitter.feed(chunk));
  const tail = splitter.end();
  return tail ? [...last, tail] : last;
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const field = fc.string({
  unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', '字', '😀', ' '),
  maxLength: 8,
});
const dirty = fc
  .uint8Array({ maxLength: 400 })
  .map((bytes) => bytes.map((byte) => (byte > 250 ? 0x0a : byte)));

describe('reading', () => {
  it('gives back every table that was written as CSV, however the bytes are cut', () => {
    const tables = fc.array(fc.array(field, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(tables, sizes, (rows, cuts) => {
        const text = rows.map((row) => row.map(quoted).join(',')).join('\r\n');
        const lines = split(cut(encoder.encode(text), cuts));
        const read = lines.map(({ bytes }) => csvFields(decoder.decode(bytes), ','));
        expect(read).toEqual(rows);
        expect(read).toEqual(parse(text, { record_delimiter: '\r\n', relax_column_count: true }));
      }),
    );
  });

  it('agrees with csv-parse on what is a record, or both refuse', () => {
    const unit = fc.constantFrom('a', 'b', '"', ',');
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 12 }), (text) => {
        expect(attempt(() => csvFields(text, ','))).toEqual(attempt(() => parse(text)[0]));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes from a line of JSON what JSON.parse takes, and nothing that it refuses', () => {
    const scalar = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), scalar), (value) => {
        const fields = jsonFields(JSON.stringify(value));
        const expected = Object.entries(value).map(([name, each]) => [
          name,
          each === null ? undefined : String(each),
        ]);
        expect([...fields]).toEqual(expected);
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '"a"', ':', ',', '1', 'null', ' ') }),
        (text) => {
          const taken = attempt(() => jsonFields(text)) !== undefined;
          expect(taken && attempt(() => JSON.parse(text) as object) === undefined).toBe(false);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each(['csv', 'tsv', 'jsonl'] as const)(
    'never fails on any bytes as %s: lines are counted or the file is refused',
    async (format) => {
      await fc.assert(
        fc.asyncProperty(dirty, sizes, async (bytes, cuts) => {
          const chunks = cut(bytes, cuts);
          const result = await checkFile(mapping(format), chunks).catch((error: unknown) => error);
          const counted = isCheck(result) && result.accepted + result.rejections.length === result.lines;
          expect(counted || result instanceof PublishingRefusal).toBe(true);
        }),
      );
    },
  );

  it('resumes behind any line and finds the same outcomes as an uncut reading', () => {
    const good = '990000199003070013,A,1.50';
    const line = fc.constantFrom(good, good.replace('A', '"A\nB"'), `${good},x`, '', 'bad');
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), fc.nat(), (lines, pick) => {
        const bytes = encoder.encode(lines.map((each) => `${each}\n`).join(''));
        const whole = new FileReader(mapping('csv'));
        const raw = whole.feed(bytes);
        if (raw.length === 0) return;
        const at = pick % raw.length;
        const from = {
          offset: raw[at]?.end ?? 0,
          line: (raw[at]?.lastLine ?? 0) + 1,
          columns: whole.columns ?? [],
        };
        const rest = new FileReader(mapping('csv'), from);
        const outcomes = (reader: FileReader, part: RawLine[]) =>
          part.map((each) => new LineMapper(mapping('csv'), reader).map(each));
        expect(outcomes(rest, rest.feed(bytes.slice(from.offset)))).toEqual(
          outcomes(whole, raw.slice(at + 1)),
        );
      }),
    );
  });
});

const isCheck = (value: unknown): value is FileCheck =>
  typeof value === 'object' && value !== null && 'rejections' in value;

/** The result, or undefined where the input is refused. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof LineFault || error instanceof SyntaxError || isCsvError(error)) return undefined;
    throw error;
  }
}

const isCsvError = (error: unknown): boolean =>
  error instanceof Error && error.constructor.name === 'CsvError';
