import { CausewayError } from '@causeway/protocol';
import { FileReader, parseMapping } from '@causeway/records/publishing/index';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { correctedFile, correctionMapping } from './corrected-file.ts';
import type { MendedLine } from './corrected-file.ts';
import { resident } from './test-residents.ts';

const columns = ['id', 'no', 'note', 'more'];

const mappingOf = (change: object) =>
  parseMapping({
    ...{ v: 1, name: 'people', bureau: 'central', format: 'csv', encoding: 'utf-8', header: true },
    subject: { scheme: 'gb11643', id: { column: 'id' } },
    records: [
      {
        record: 'profile',
        fields: { kind: { const: 'person' }, source_record_id: { column: 'no', as: 'text' } },
      },
    ],
    as_of: { const: '2026-10-31' },
    ...change,
  });

/** Formats, and ways to write them, in which lines are mended by hand. */
const forms: Record<string, object> = {
  CSV: {},
  'CSV in GBK, with bars': { encoding: 'gbk', delimiter: '|' },
  'CSV in GB 18030, without a header': { encoding: 'gb18030', header: columns },
  TSV: { format: 'tsv' },
};

/** What people type into a cell, delimiters and quotes among it; all of it is in GBK. */
const typed = fc.string({
  unit: fc.constantFrom('a', '7', ' ', ',', '|', ';', '"', "'", '\\', '李', '逾', '=', '{', '@'),
  maxLength: 12,
});
const lineOf = (n: number, note: string, more: string): MendedLine => ({
  line: n + 2,
  cells: [resident(n + 1), String(n), note, more],
});
const linesOf = (texts: readonly (readonly [string, string])[]) =>
  texts.map(([note, more], n) => lineOf(n, note, more));
const lines = fc.array(fc.tuple(typed, typed), { minLength: 1, maxLength: 4 }).map(linesOf);

/** The cells that publishing would find in a file. */
function cellsOf(mapping: ReturnType<typeof mappingOf>, bytes: Uint8Array) {
  const reader = new FileReader(mapping);
  return [...reader.feed(bytes), ...reader.end()].map((raw) => reader.row(raw));
}

async function taken(mapping: ReturnType<typeof mappingOf>, mended: readonly MendedLine[]) {
  const file = await correctedFile(mapping, columns, mended);
  if ('rejections' in file) throw new Error(`rejected: ${file.rejections[0]?.rule ?? ''}`);
  return cellsOf(mapping, file.bytes);
}

describe('mended lines', () => {
  it.each(Object.keys(forms))('are read as they were typed, in %s', async (form) => {
    const mapping = mappingOf(forms[form] ?? {});
    await fc.assert(
      fc.asyncProperty(lines, async (mended) => {
        expect(await taken(mapping, mended)).toEqual(mended.map(({ cells }) => cells));
      }),
    );
  });

  it('keep a member that is not there apart from an empty one, in JSON Lines', async () => {
    const { header: _, ...rest } = mappingOf({});
    const mapping = parseMapping({ ...rest, format: 'jsonl' });
    const mended = [{ line: 1, cells: [resident(1), '1'] }];
    const file = await correctedFile(mapping, ['id', 'no'], mended);
    expect('bytes' in file && cellsOf(mapping, file.bytes)).toEqual([[resident(1), '1']]);
    const without = await correctedFile(mapping, ['id', 'no'], [{ line: 7, cells: [resident(1), null] }]);
    expect(without).toMatchObject({ rejections: [{ line: 7, rule: 'required' }] });
  });

  it('are told by the lines of the first file, whatever their place here', async () => {
    const wrong = { line: 40, cells: ['123', '2', '', ''] };
    const file = await correctedFile(mappingOf({}), columns, [lineOf(0, '', ''), wrong]);
    expect(file).toMatchObject({ rejections: [{ line: 40, column: 'id' }] });
  });

  it.each<[string, object, (string | null)[]]>([
    ['with a line end', {}, [resident(1), '1', 'a\nb', '']],
    ['with a tab, in TSV', { format: 'tsv' }, [resident(1), '1', 'a\tb', '']],
    ['with half a character', {}, [resident(1), '1', '\uD83D', '']],
    ['with what GBK does not have', { encoding: 'gbk' }, [resident(1), '1', '𠮷', '']],
    ['with a column too few', {}, [resident(1), '1', '']],
  ])('%s are refused', async (_, change, cells) => {
    await expect(correctedFile(mappingOf(change), columns, [{ line: 2, cells }])).rejects.toThrow(
      CausewayError,
    );
  });

  it('are never read as a snapshot', () => {
    expect(correctionMapping(mappingOf({ mode: 'snapshot' }))).toEqual(mappingOf({}));
  });
});
