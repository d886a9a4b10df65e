import fc from 'fast-check';
import { Compile } from 'typebox/schema';
import { describe, expect, test } from 'vitest';
import { codeLists } from './code-lists/index.ts';
import { readRecord } from './faults.ts';
import { recordArbitraries } from './record-arbitraries.fixture.ts';
import type { CreditRecord } from './record.ts';
import { schemaDocuments } from './schema-documents.ts';

const base = 'https://authority.example/schemas';
const documents = schemaDocuments(base);
const documentOf = (name: string) => {
  const found = documents.find((each) => each.name === name);
  if (!found) throw new Error(`no document ${name}`);
  return JSON.parse(JSON.stringify(found.document)) as Record<string, unknown>;
};

const kinds = Object.entries<fc.Arbitrary<CreditRecord>>(recordArbitraries);

describe('published schemas', () => {
  test('each says its dialect and where it is served, under a name that a path can have', () => {
    for (const { name, document } of documents) {
      expect(name).toMatch(/^[a-z0-9_-]{1,64}$/u);
      expect(document).toMatchObject({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: `${base}/${name}`,
      });
    }
    expect(new Set(documents.map(({ name }) => name)).size).toBe(documents.length);
    expect(documents).toHaveLength(1 + kinds.length + codeLists.length);
  });

  test('a third person is a role and an opaque reference: no member is a name or a number', () => {
    const members = (schema: unknown): string[] => {
      if (typeof schema !== 'object' || schema === null) return [];
      const { properties = {} } = schema as { properties?: object };
      const own = Object.keys(properties);
      return [...own, ...Object.values(schema).flatMap(members)];
    };
    const all = new Set(documents.flatMap(({ document }) => members(document)));
    expect(all).toContain('joint_role');
    expect(all).toContain('party_ref');
    const naming = /(^|_)(name|names|surname|phone|address|email|id_number|identifier|id_no)$/u;
    expect([...all].filter((member) => naming.test(member))).toEqual([]);
  });

  test('they are the same each time, and plain JSON', () => {
    expect(schemaDocuments(base)).toEqual(documents);
    for (const { name, document } of documents) expect(documentOf(name)).toEqual(document);
  });

  test.each(kinds)(
    '%s: a stranger’s validator takes what we take, and refuses an unknown member',
    (name, records) => {
      const { $id: _, ...document } = documentOf(name);
      const validator = Compile(document);
      fc.assert(
        fc.property(records, (record) => {
          expect(validator.Check(record)).toBe(true);
          expect(validator.Check({ ...record, phone: '1' })).toBe(false);
          expect(validator.Check({ ...record, record_id: undefined })).toBe(false);
          expect(validator.Check(record)).toBe('record' in readRecord(record, 'person'));
        }),
        { numRuns: 25 },
      );
    },
  );

  test('any record is one of the kinds, each by its address', () => {
    const { oneOf } = documentOf('record');
    expect(oneOf).toEqual(kinds.map(([name]) => ({ $ref: `${base}/${name}` })));
  });

  test('a code list takes its codes only, and says of each what it means', () => {
    const { $id: _, ...document } = documentOf('pboc-account-types');
    const validator = Compile(document);
    expect(validator.Check('D1')).toBe(true);
    for (const other of ['D2', 'd1', '', 1, null]) expect(validator.Check(other)).toBe(false);
    expect(document).toMatchObject({ scheme: 'pboc', field: 'account.type' });
    expect(document['anyOf']).toContainEqual({
      const: 'D1',
      title: 'non-revolving loan',
      zh: '非循环贷账户',
      canonical: 'term',
    });
  });
});
