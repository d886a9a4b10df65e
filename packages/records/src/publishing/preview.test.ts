import { describe, expect, it } from 'vitest';
import { parseMapping } from './parse-mapping.ts';
import { previewLines } from './preview.ts';
import { rejectedLines } from './reject-file.ts';
import type { ToldRejection } from './reject-file.ts';

const ID = '990000199003070013';
const OTHER = '99000019851224112X';
const mapping = parseMapping({
  v: 1,
  name: 'people',
  bureau: 'lotus',
  format: 'csv',
  encoding: 'utf-8',
  header: true,
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'profile',
      fields: {
        source_record_id: { column: 'no', as: 'text' },
        kind: { const: 'person' },
        sex: { column: 'sex', as: 'code', map: { F: 'female' } },
        'native_ext.holder': { column: '姓名', as: 'text' },
      },
    },
  ],
  as_of: { const: '2026-10-31' },
});
const text = `id,姓名,no,sex,salary\n${ID},李娜,N1,F,99999\n${ID},李娜,${OTHER},F,1\n1,李娜,N3,F,1\n`;

async function* chunks(of = text): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(of);
  for (let at = 0; at < bytes.length; at += 50) yield bytes.slice(at, at + 50);
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

describe('a preview', () => {
  it('shows columns beside the records, and nobody by number, name or what is not read', async () => {
    const lines = await previewLines(mapping, chunks(), 20);
    expect(lines.map(({ line, rejection }) => [line, rejection?.rule])).toEqual([
      [2, undefined],
      [3, 'identifier_in_record'],
      [4, 'identifier_check'],
    ]);
    expect(lines[0]).toMatchObject({
      subject: 'gb11643:••••••••13',
      records: [{ record: 'profile', sex: 'female', source_record_id: 'N1', native_ext: '•••' }],
    });
    for (const secret of [ID, OTHER, '李娜', '99999']) expect(JSON.stringify(lines)).not.toContain(secret);
  });

  it('reads no further than it shows', async () => {
    const lines = await previewLines(mapping, chunks(`${text}${'"'.repeat(99)}`), 1);
    expect(lines).toHaveLength(1);
  });
});

describe('a reject file', () => {
  const rejection = (line: number): ToldRejection => ({
    ...{ line, column: null, pointer: '/subject/id', rule: 'identifier_check', message: 'It is refused.' },
  });
  async function* told(...lines: number[]): AsyncGenerator<ToldRejection> {
    for (const line of lines) yield rejection(line);
  }
  const rejects = async (...lines: number[]) =>
    await collected(rejectedLines(mapping, chunks(), told(...lines)));

  it('has each line as it was, with its rule, pointer and fix', async () => {
    expect(await rejects(2, 4)).toEqual([
      { ...rejection(2), fix: expect.any(String) as string, original: `${ID},李娜,N1,F,99999` },
      { ...rejection(4), fix: expect.any(String) as string, original: '1,李娜,N3,F,1' },
    ]);
    expect(await rejects()).toEqual([]);
  });

  it('of lines that the file does not have has nothing', async () => {
    expect(await rejects(99)).toEqual([]);
  });

  it('holds bytes of no text as base64', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('id,姓名,no,sex,salary\n');
      yield Uint8Array.of(0xff, 0x0a);
    }
    const [line] = await collected(rejectedLines(mapping, broken(), told(2)));
    expect(line).toMatchObject({ original_base64: '/w==' });
    expect(line).not.toHaveProperty('original');
  });
});
