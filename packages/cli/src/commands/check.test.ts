import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { run } from './check.ts';

const mapping = {
  ...{ v: 1, name: 'people', bureau: 'central', format: 'csv', encoding: 'utf-8', header: true },
  subject: { scheme: 'sandbox', id: { column: 'customer' } },
  records: [
    {
      record: 'profile',
      fields: {
        source_record_id: { column: 'no', as: 'text' },
        kind: { const: 'person' },
        sex: { column: 'sex', as: 'code', map: { F: 'female' } },
      },
    },
  ],
  as_of: { const: '2026-10-31' },
};

let dir: string;
let said: string[];
let object: unknown;
const terminal: Terminal = {
  json: false,
  line: (text = '') => void said.push(text),
  step: () => undefined,
  progress: () => undefined,
  object: (value) => {
    object = value;
  },
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'causeway-check-'));
  await writeFile(join(dir, 'm.json'), JSON.stringify(mapping));
});

beforeEach(() => {
  said = [];
});

afterAll(async () => {
  await rm(dir, { recursive: true });
});

async function check(text: string, options: Record<string, string> = {}): Promise<number> {
  const file = join(dir, 'file.csv');
  await writeFile(file, text);
  return await run({ terminal, home: dir }, [file], { mapping: join(dir, 'm.json'), ...options });
}

const good = 'customer,no,sex\n1,N1,F\n2,N2,F\n';

test('a file that would be taken whole exits with 0', async () => {
  expect(await check(good)).toBe(EXIT.ok);
  expect(object).toMatchObject({ lines: 2, accepted: 2, rejected: 0, subjects: 2 });
});

test('rejected lines exit with 5 and go back as they were, readable by their owner only', async () => {
  const rejectFile = join(dir, 'rejected.jsonl');
  expect(await check(`${good}3,N3,X\nx,N4,F\n`, { rejectFile })).toBe(EXIT.partial);
  const lines = (await readFile(rejectFile, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { line: 4, rule: 'code', pointer: '/records/0/fields/sex', original: '3,N3,X' },
    { line: 5, rule: 'identifier_check', pointer: '/subject/id', original: 'x,N4,F' },
  ]);
  expect((await stat(rejectFile)).mode & 0o777).toBe(0o600);
  expect(await check(good, { rejectFile })).toBe(EXIT.ok);
  expect(await readFile(rejectFile, 'utf8')).toBe('');
});

test('the first lines are shown beside their records', async () => {
  await check(good, { preview: '1' });
  expect(said.join('\n')).toMatch(/line 2 {2}about gb11643:990000/u);
  expect(said.join('\n')).not.toContain('line 3');
});

test.each([
  ['a file cut short', () => check(good.slice(0, -4)), EXIT.refused],
  ['another header', () => check('id,no\n'), EXIT.refused],
  [
    'no such file',
    () => run({ terminal, home: dir }, ['nowhere'], { mapping: join(dir, 'm.json') }),
    EXIT.usage,
  ],
  ['no such mapping', () => check(good, { mapping: join(dir, 'none') }), EXIT.usage],
  ['a preview of no number', () => check(good, { preview: 'all' }), EXIT.usage],
])('%s is refused', async (_, act, code) => {
  const error: unknown = await act().catch((cause: unknown) => cause);
  expect(exitCodeOf(error)).toBe(code);
});
