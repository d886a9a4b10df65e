import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CreditRecord } from '../record.ts';
import { plainRecordSchemas } from '../record.ts';
import { checkFile } from './check-file.ts';
import { fieldSpecSchemas } from './field-specs.ts';
import { MappingSchema } from './mapping.ts';
import { parseMapping } from './parse-mapping.ts';

const guide = readFileSync(new URL('../../../../docs/publishing.md', import.meta.url), 'utf8');

/** The blocks of a language, in the order of the page. */
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gmu'))].map(
    ([, text = '']) => text,
  );
const mappings = blocks('json').filter((text) => text.includes('"v": 1'));

describe('the guide to publishing', () => {
  it('has mappings that are read', () => {
    expect(mappings.map((text) => parseMapping(JSON.parse(text)).name)).toEqual([
      'cards',
      'loans-xml',
      'xm-loan',
    ]);
  });

  it('brings its raw file to records as it says', async () => {
    const records: CreditRecord[] = [];
    const [file = ''] = blocks('csv');
    const mapping = parseMapping(JSON.parse(mappings[0] ?? ''));
    const check = await checkFile(mapping, [new TextEncoder().encode(file)], ({ outcome }) => {
      if ('records' in outcome) records.push(...outcome.records);
    });
    expect(check).toMatchObject({ lines: 5, accepted: 5, rejected: 0, subjects: 5 });
    expect(check.rules).toEqual({ adverse_unmarked: 1 });
    expect(records[0]).toMatchObject({
      ...{ record_id: 'account-card-1', status: 'overdue', limit: '2000000', balance: '391300' },
      history: { to: '2005-09', states: 'AANN22' },
    });
    expect(records.map((each) => 'balance' in each && each.balance)).toEqual([
      ...['391300', '268200', '2923900', '4699000', '0'],
    ]);
  });

  it('names every member, every way to read a column and every kind of record', () => {
    const members = Object.keys(MappingSchema.properties);
    const kinds = [...Object.keys(plainRecordSchemas), 'profile'];
    const missing = [...members, ...Object.keys(fieldSpecSchemas), ...kinds].filter(
      (name) => !guide.includes(`\`${name}\``),
    );
    expect(missing).toEqual([]);
  });
});
