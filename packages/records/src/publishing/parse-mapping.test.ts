import { describe, expect, it } from 'vitest';
import { parseMapping } from './parse-mapping.ts';
import { PublishingRefusal } from './refusal.ts';

const loans = {
  v: 1,
  name: 'loans',
  bureau: 'lotus',
  format: 'csv',
  encoding: 'utf-8',
  header: true,
  subject: { scheme: 'gb11643', id: { column: 'id_no' } },
  records: [
    {
      record: 'account',
      fields: {
        source_record_id: { column: 'loan', as: 'text', prefix: 'loan-' },
        account_ref: { column: 'loan', as: 'text' },
        type: { const: 'term' },
        currency: { const: 'CNY' },
        status: { column: 'st', as: 'code', map: { A: 'settled', C: 'normal' } },
        opened: { column: 'granted', as: 'date', format: 'DD.MM.YYYY' },
        original: { column: 'amount', as: 'decimal', currency: 'CNY' },
        term_count: { column: 'months', as: 'integer' },
        history: { column: 'hist', as: 'history', to: { column: 'granted', format: 'DD.MM.YYYY' } },
      },
    },
  ],
  as_of: { const: '2018-12-31' },
};

/** The sample with one member at a dotted path replaced; undefined removes it. */
function changed(path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(loans);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let node = copy as Record<string, unknown>;
  for (const key of keys) node = node[key] as Record<string, unknown>;
  if (value === undefined) Reflect.deleteProperty(node, last);
  else node[last] = value;
  return copy;
}

const fields = 'records.0.fields';

describe('a mapping', () => {
  it('that is well formed is read', () => {
    expect(parseMapping(structuredClone(loans)).name).toBe('loans');
  });

  it('for JSON Lines needs no header', () => {
    expect(parseMapping({ ...loans, format: 'jsonl', header: undefined }).format).toBe('jsonl');
  });

  it.each([
    ['an unknown member', 'colour', 'red', '/colour'],
    ['another version', 'v', 2, '/v'],
    ['another encoding', 'encoding', 'big5', '/encoding'],
    ['no header for CSV', 'header', undefined, '/header'],
    ['a header without a mapped column', 'header', ['loan'], '/subject/id/column'],
    ['a delimiter in TSV', 'format', 'tsv', '/delimiter'],
    ['no records', 'records', [], '/records'],
    ['an unknown field', `${fields}.shoe_size`, { const: 42 }, '/records/0/fields/shoe_size'],
    [
      'a member that a field spec does not have',
      `${fields}.opened.zone`,
      'UTC',
      '/records/0/fields/opened/zone',
    ],
    ['an unknown "as"', `${fields}.opened.as`, 'epoch', '/records/0/fields/opened'],
    [
      'an amount read as text',
      `${fields}.original`,
      { column: 'a', as: 'text' },
      '/records/0/fields/original',
    ],
    ['a history read as text', `${fields}.history`, { column: 'a', as: 'text' }, '/records/0/fields/history'],
    [
      'a text read as an integer',
      `${fields}.status`,
      { column: 'a', as: 'integer' },
      '/records/0/fields/status',
    ],
    ['a constant that the field refuses', `${fields}.type.const`, 'mortgage', '/records/0/fields/type/const'],
    ['a date format without a year', `${fields}.opened.format`, 'DD.MM', '/records/0/fields/opened/format'],
    ['a day without its month', `${fields}.opened.format`, 'YYYYDD', '/records/0/fields/opened/format'],
    ['no source_record_id', `${fields}.source_record_id`, undefined, '/records/0/fields/source_record_id'],
    ['an as_of that does not exist', 'as_of.const', '2018-02-30', '/as_of'],
    ['a profile without a kind', 'records.0.record', 'profile', '/records/0/fields/kind'],
    ['blood type', 'subject.id.column', 'blood_type', '/subject/id/column'],
    [
      'deletion codes in a column of that kind',
      'delete',
      { column: 'blood_type', in: ['D'] },
      '/delete/column',
    ],
    ['no deletion code', 'delete', { column: 'code', in: [] }, '/delete/in'],
    ['a mode that is none', 'mode', 'everything', '/mode'],
    ['a version that is typed in', `${fields}.version`, { const: 2 }, '/records/0/fields/version'],
    [
      'an end that is typed in',
      `${fields}.expires_on`,
      { const: '2030-01-01' },
      '/records/0/fields/expires_on',
    ],
    ['religion', `${fields}.account_ref.column`, '宗教', '/records/0/fields/account_ref/column'],
    ['a __proto__ field', `${fields}.constructor`, { const: 'x' }, '/records/0/fields/constructor'],
  ])('with %s is refused, and the refusal names the member', (_, path, value, pointer) => {
    const input = path === 'format' ? { ...loans, format: value, delimiter: ';' } : changed(path, value);
    const error = refusal(() => parseMapping(input));
    expect(error.code).toBe('mapping_invalid');
    expect(error.pointer).toBe(pointer);
    expect(error.message).toContain(error.pointer);
  });

  it.each([null, 'text', 7, [], {}])('that is not a mapping at all (%j) is refused', (value) => {
    expect(refusal(() => parseMapping(value)).code).toBe('mapping_invalid');
  });
});

function refusal(act: () => unknown): PublishingRefusal {
  try {
    act();
  } catch (error) {
    if (error instanceof PublishingRefusal) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
