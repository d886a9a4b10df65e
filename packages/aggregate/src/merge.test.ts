import {
  MergedFileSchema,
  ExposureSchema,
  ConflictSchema,
  ManifestRowSchema,
  type CreditRecord,
} from '@causeway/records';
import fc from 'fast-check';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { answered, contract, loan, otherInquiry, payment } from './disclosures.fixture.ts';
import { merge } from './merge.ts';
import type { BureauRow } from './rows.ts';

const mergeSchema = Compile(
  Type.Object({
    merged: MergedFileSchema,
    exposure: ExposureSchema,
    conflicts: Type.Array(ConflictSchema),
    manifest: Type.Array(ManifestRowSchema),
  }),
);

describe('the manifest', () => {
  const rows: BureauRow[] = [
    { bureau: 'ocean', outcome: 'timeout', code: 'unavailable' },
    answered('lotus', []),
    answered('central', [loan('a')]),
    { ...answered('harbour', [], { outcome: 'not_found' }) },
  ];

  test('has one row per bureau, by name, never silence', () => {
    expect(merge(rows).manifest).toEqual([
      {
        bureau: 'central',
        outcome: 'answered',
        records: 1,
        as_of: '2026-05-31',
        disclosure: rows[2]?.disclosure?.digest,
      },
      {
        bureau: 'harbour',
        outcome: 'not_found',
        records: 0,
        as_of: '2026-05-31',
        disclosure: rows[3]?.disclosure?.digest,
      },
      {
        bureau: 'lotus',
        outcome: 'empty',
        records: 0,
        as_of: '2026-05-31',
        disclosure: rows[1]?.disclosure?.digest,
      },
      { bureau: 'ocean', outcome: 'timeout', records: 0, code: 'unavailable' },
    ]);
  });

  test.each(['refused', 'frozen', 'timeout', 'error', 'skipped'] as const)(
    'a bureau that %s makes a lower bound',
    (outcome) => {
      expect(
        merge([answered('central', [loan('a')]), { bureau: 'lotus', outcome }]).exposure.lower_bound,
      ).toBe(true);
      expect(merge([{ bureau: 'lotus', outcome }]).exposure).toEqual({ groups: [], lower_bound: true });
    },
  );

  test('a stale answer is merged and makes a lower bound', () => {
    const { exposure } = merge([{ ...answered('central', [loan('a')]), outcome: 'stale' }]);
    expect(exposure).toMatchObject({ lower_bound: true, groups: [{ open_accounts: 1 }] });
  });

  test('all bureaus answered: no lower bound, though one knows nothing', () => {
    expect(merge(rows.filter(({ disclosure }) => disclosure)).exposure.lower_bound).toBe(false);
  });
});

describe('disclosures that do not belong together are refused', () => {
  const good = answered('central', [loan('a')]);
  test.each<[string, BureauRow[]]>([
    ['of another inquiry', [good, answered('lotus', [], { inquiry: otherInquiry })]],
    ['of another use', [good, answered('lotus', [], { use: 2 })]],
    ['of another subject', [good, answered('lotus', [], { subject_ref: `s1.1.${'B'.repeat(42)}A` })]],
    ['in the row of another bureau', [{ ...good, bureau: 'lotus' }]],
    ['twice for one bureau', [good, good]],
    ['under another outcome', [{ ...good, outcome: 'empty' }]],
    ['beside a timeout', [{ ...good, outcome: 'timeout' }]],
    ['missing from an answer', [{ bureau: 'central', outcome: 'answered' }]],
  ])('a disclosure %s', (_, rows) => {
    expect(() => merge(rows)).toThrow(expect.objectContaining({ code: 'link_mismatch' }) as Error);
  });
});

describe('conflicts', () => {
  const under = { contract_digest: contract('k') };

  test('the newest value is chosen and all are kept with bureau and day', () => {
    const { merged, conflicts } = merge([
      answered('central', [loan('a', { ...under, balance: '100', as_of: '2026-04-30' })]),
      answered('lotus', [loan('b', { ...under, balance: '90', as_of: '2026-05-31' })]),
    ]);
    expect(merged.accounts[0]).toMatchObject({ record_id: 'b', balance: '90' });
    expect(conflicts).toEqual([
      {
        field: 'balance',
        same_debt: 0,
        values: [
          { bureau: 'lotus', record_id: 'b', value: '90', as_of: '2026-05-31' },
          { bureau: 'central', record_id: 'a', value: '100', as_of: '2026-04-30' },
        ],
        chosen: 0,
        rule: 'latest_as_of',
      },
    ]);
  });

  test('of equally new amounts the larger one is chosen, so that no debt looks smaller', () => {
    const { merged, conflicts } = merge([
      answered('central', [loan('a', { ...under, balance: '90' })]),
      answered('lotus', [loan('b', { ...under, balance: '100' })]),
    ]);
    expect(merged.accounts[0]).toMatchObject({ balance: '100' });
    expect(conflicts).toMatchObject([{ field: 'balance', chosen: 1, rule: 'larger_amount' }]);
  });

  test('of equally new words the first bureau by name', () => {
    const { merged, conflicts } = merge([
      answered('lotus', [loan('b', { ...under, status: 'overdue' })]),
      answered('central', [loan('a', { ...under })]),
    ]);
    expect(merged.accounts[0]).toMatchObject({ status: 'normal' });
    expect(conflicts).toMatchObject([{ field: 'status', chosen: 0, rule: 'bureau_order' }]);
  });

  test('what the chosen record lacks is filled from the other, with its source, and is no conflict', () => {
    const { balance: _, ...without } = loan('a', { ...under, absent: { balance: 'not_reported' } });
    const { merged, conflicts } = merge([
      answered('central', [without]),
      answered('lotus', [loan('b', { ...under, as_of: '2026-04-30' })]),
    ]);
    expect(merged.accounts[0]).toMatchObject({
      record_id: 'a',
      balance: '404760',
      filled: [{ field: 'balance', bureau: 'lotus', record_id: 'b' }],
    });
    expect(merged.accounts[0]).not.toHaveProperty('absent');
    expect(conflicts).toEqual([]);
  });

  test('histories that differ in a shared month are a conflict over the shared months only', () => {
    const history = (to: string, states: string) => ({ ...under, history: { to, states } });
    const { merged, conflicts } = merge([
      answered('central', [loan('a', history('2026-05', 'NNN1'))]),
      answered('lotus', [loan('b', history('2026-04', '1NNNN#N'))]),
    ]);
    expect(merged.accounts[0]?.history?.states).toBe('NNN1');
    expect(conflicts).toEqual([]);
    const other = merge([
      answered('central', [loan('a', history('2026-05', 'NN21'))]),
      answered('lotus', [loan('b', history('2026-04', 'NNNN'))]),
    ]);
    expect(other.conflicts).toMatchObject([
      { field: 'history', values: [{ value: 'NN2' }, { value: 'NNN' }], chosen: 0 },
    ]);
  });

  test('histories that count days on different scales are not compared', () => {
    const told = (states: string, scale?: 'pboc' | 'metro2') => ({
      ...under,
      history: { to: '2026-05', states, ...(scale === undefined ? {} : { scale }) },
    });
    const conflictsOf = (a: object, b: object) =>
      merge([answered('central', [loan('a', a)]), answered('lotus', [loan('b', b)])]).conflicts;
    expect(conflictsOf(told('N2'), told('N3', 'metro2'))).toEqual([]);
    expect(conflictsOf(told('N2'), told('N3', 'pboc'))).toHaveLength(1);
  });

  test('profiles stay apart and their differences are named', () => {
    const profile = (record_id: string, sex: 'female' | 'male'): CreditRecord => ({
      record: 'profile',
      record_id,
      source_record_id: record_id,
      as_of: '2026-05-31',
      category: 'IDENTITY',
      kind: 'person',
      sex,
    });
    const { merged, conflicts } = merge([
      answered('central', [profile('p', 'female')]),
      answered('lotus', [profile('q', 'male')]),
    ]);
    expect(merged.profiles).toHaveLength(2);
    expect(conflicts).toMatchObject([{ field: 'sex', rule: 'bureau_order' }]);
  });
});

describe('one record id, one record', () => {
  test('a higher version replaces the lower one in the same answer', () => {
    const { merged, manifest } = merge([
      answered('central', [loan('a', { version: 2, balance: '1' }), loan('a', { balance: '5' })]),
    ]);
    expect(merged.accounts.map(({ balance }) => balance)).toEqual(['1']);
    expect(manifest[0]).toMatchObject({ records: 2 });
  });
});

const days = ['2025-01-05', '2025-02-05'];
const anyLoan = fc
  .record({
    opened: fc.constantFrom(...days),
    original: fc.constantFrom('100000', '200000'),
    scheduled_due: fc.constantFrom('5000', '5004', '9000'),
    balance: fc.constantFrom('0', '1', '70000'),
    as_of: fc.constantFrom('2026-04-30', '2026-05-31', '2026-05'),
    currency: fc.constantFrom('CNY', 'EUR'),
    status: fc.constantFrom('normal' as const, 'settled' as const),
    digest: fc.constantFrom(undefined, contract('k'), contract('m')),
  })
  .map(({ digest, ...fields }) => ({
    ...fields,
    ...(digest === undefined ? {} : { contract_digest: digest }),
  }));
const anyRecords = fc
  .tuple(
    fc.array(anyLoan, { maxLength: 4 }),
    fc.array(fc.constantFrom('4995', '5003', '9010'), { maxLength: 3 }),
  )
  .map(([loans, payments]): CreditRecord[] => [
    ...loans.map((fields, at) => loan(`a${at}`, fields)),
    ...payments.map((amount, at) => payment(`o${at}`, amount)),
  ]);
const anyRows = fc.tuple(anyRecords, anyRecords, anyRecords);
const sum = (list: readonly string[]) => list.reduce((total, next) => total + BigInt(next), 0n);

describe('for any answers', () => {
  test('the same inputs in any order give the same bytes, and a report can carry them', () => {
    fc.assert(
      fc.property(anyRows, fc.integer(), ([central, harbour, lotus], seed) => {
        const rows = [answered('central', central), answered('harbour', harbour), answered('lotus', lotus)];
        const once = merge(rows);
        expect(mergeSchema.Check(once)).toBe(true);
        const [turned] = fc.sample(fc.shuffledSubarray(rows, { minLength: 3 }), { numRuns: 1, seed });
        expect(JSON.stringify(merge(turned ?? []))).toBe(JSON.stringify(once));
      }),
      { numRuns: 60 },
    );
  });

  test('the order of records within an answer changes nothing but the digests', () => {
    fc.assert(
      fc.property(anyRecords, anyRecords, (some, others) => {
        const plain = merge([answered('central', some), answered('lotus', others)]);
        const turned = merge([
          answered('central', some.toReversed()),
          answered('lotus', others.toReversed()),
        ]);
        expect(turned.exposure).toEqual(plain.exposure);
        expect(turned.conflicts).toEqual(plain.conflicts);
        expect(turned.merged.same_debts).toEqual(plain.merged.same_debts);
      }),
      { numRuns: 60 },
    );
  });

  test('no record is lost, none counts twice, and the totals are those of the accounts', () => {
    fc.assert(
      fc.property(anyRows, ([central, harbour, lotus]) => {
        const rows = [answered('central', central), answered('harbour', harbour), answered('lotus', lotus)];
        const { merged, exposure } = merge(rows);
        const sources = [...merged.accounts, ...merged.obligations].flatMap((one) =>
          one.sources.map(({ bureau, record_id }) => `${bureau} ${record_id}`),
        );
        expect(new Set(sources).size).toBe(sources.length);
        expect(sources).toHaveLength(central.length + harbour.length + lotus.length);
        const open = merged.accounts.filter(({ status, balance }) => status === 'normal' || balance !== '0');
        expect(exposure.groups.reduce((total, { open_accounts }) => total + open_accounts, 0)).toBe(
          open.length,
        );
        for (const { currency, total_balance } of exposure.groups) {
          const own = open.filter((account) => account.currency === currency);
          expect(BigInt(total_balance)).toBe(sum(own.map(({ balance }) => balance ?? '0')));
        }
      }),
      { numRuns: 60 },
    );
  });
});
