import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeLists, type DpdRange } from './code-lists/index.ts';
import { pbocRepaymentStates } from './code-lists/pboc-repayment-states.ts';
import { dpdRange, packHistory, unpackHistory, type RepaymentScale } from './repayment.ts';

const names = new Map<string, string>(
  pbocRepaymentStates.entries.map(({ code, canonical }) => [code, canonical]),
);
const codes = [...names.keys()];

describe('packed repayment history', () => {
  test('PBOC codes are kept as they are and read back newest last', () => {
    const months = unpackHistory(packHistory('N12', '2025-02'));
    expect(months).toEqual([
      { month: '2024-12', state: 'on_time', dpd: { min: 0, max: 0 } },
      { month: '2025-01', state: 'past_due_1', dpd: { min: 1, max: 30 } },
      { month: '2025-02', state: 'past_due_2', dpd: { min: 31, max: 60 } },
    ]);
  });

  test('any PBOC history of 1 to 120 months survives the round trip', () => {
    const native = fc
      .array(fc.constantFrom(...codes), { minLength: 1, maxLength: 120 })
      .map((list) => list.join(''));
    fc.assert(
      fc.property(native, (text) => {
        const packed = packHistory(text, '2024-06');
        expect(packed.states).toBe(text);
        const months = unpackHistory(packed);
        expect(months.map(({ state }) => state)).toEqual([...text].map((code) => names.get(code)));
        expect(months.at(-1)?.month).toBe('2024-06');
        expect(new Set(months.map(({ month }) => month)).size).toBe(text.length);
      }),
    );
  });

  test('a Metro 2 digit keeps its own range: 1 is 30 to 59 days and never the PBOC 1 to 30', () => {
    const [current, late] = unpackHistory(packHistory('01', '2025-01', 'metro2'));
    expect(current).toEqual({ month: '2024-12', state: 'on_time', dpd: { min: 0, max: 29 } });
    expect(late).toEqual({ month: '2025-01', state: 'past_due_2', dpd: { min: 30, max: 59 } });
  });

  test('no days past due are made up for a state that names none', () => {
    for (const code of ['*', '#', 'A', 'D', 'Z', 'C', 'G', '/'] as const) expect(dpdRange(code)).toBeNull();
    expect(dpdRange('M', 'metro2')).toBeNull();
  });

  test.each([
    ['a code the scale does not have', 'N8', 'pboc'],
    ['a lower-case code', 'n', 'pboc'],
    ['a PBOC code read as Metro 2', 'N', 'metro2'],
    ['a name of Object.prototype', 'toString', 'pboc'],
    ['no month', '', 'pboc'],
    ['more than 120 months', 'N'.repeat(121), 'pboc'],
  ] as const)('%s is refused', (_, native, scale) => {
    expect(() => packHistory(native, '2025-01', scale)).toThrow(RangeError);
  });
});

/** The crosswalk: the states, and what each source has for them. */
const crosswalk: Readonly<Record<string, Readonly<Record<RepaymentScale, readonly string[]>>>> = {
  on_time: { pboc: ['N'], metro2: ['0', 'E'], cic: ['$'], tuef: ['000', 'STD'] },
  late_same_month: { pboc: ['M'], metro2: [], cic: [], tuef: ['001', '029'] },
  past_due_1: { pboc: ['1'], metro2: [], cic: ['A', 'P'], tuef: ['030', 'SMA'] },
  past_due_2: { pboc: ['2'], metro2: ['1'], cic: [], tuef: ['031', '060'] },
  past_due_3: { pboc: ['3'], metro2: ['2'], cic: [], tuef: ['061', '090'] },
  past_due_4: { pboc: ['4'], metro2: ['3'], cic: [], tuef: ['091', '120', 'SUB'] },
  past_due_5: { pboc: ['5'], metro2: ['4'], cic: [], tuef: ['121', '150'] },
  past_due_6: { pboc: ['6'], metro2: ['5'], cic: [], tuef: ['151', '180'] },
  past_due_7: { pboc: ['7'], metro2: ['6'], cic: [], tuef: ['181', '899', '900'] },
  not_due: { pboc: ['*'], metro2: ['D'], cic: [], tuef: [] },
  unknown: { pboc: ['#'], metro2: ['B', ' '], cic: [' ', 'C', 'B'], tuef: ['XXX'] },
  no_bill_this_month: { pboc: ['A'], metro2: [], cic: ['-'], tuef: [] },
  guarantor_paid: { pboc: ['D'], metro2: [], cic: ['R'], tuef: [] },
  asset_settled: { pboc: ['Z'], metro2: ['H', 'J', 'K'], cic: [], tuef: [] },
  bad_debt: { pboc: ['B'], metro2: ['L', 'G'], cic: [], tuef: ['LSS', 'DBT'] },
  closed_settled: { pboc: ['C'], metro2: [], cic: [], tuef: [] },
  closed_other: { pboc: ['G'], metro2: [], cic: [], tuef: [] },
  not_open: { pboc: ['/'], metro2: [], cic: [], tuef: [] },
};

const scales = ['pboc', 'metro2', 'cic', 'tuef'] as const;
const listOf = (scale: RepaymentScale) => codeLists.find(({ name }) => name === `${scale}-repayment-states`);

/** Every native code of a scale with its own range, runs of numbers day by day. */
const natives = (scale: RepaymentScale): { code: string; dpd: DpdRange | null }[] =>
  (listOf(scale)?.entries ?? []).flatMap(({ code, dpd = null }) => {
    const [from = '', to] = code.split('..');
    if (to === undefined) return [{ code, dpd }];
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => {
      const day = Number(from) + at;
      return { code: String(day).padStart(3, '0'), dpd: { min: day, max: day } };
    });
  });

const contains = (wide: DpdRange | null, narrow: DpdRange | null): boolean =>
  wide === null ||
  (narrow !== null &&
    wide.min <= narrow.min &&
    (wide.max === null || (narrow.max !== null && narrow.max <= wide.max)));

describe('the crosswalk of months', () => {
  test.each(scales)('%s: each code is the state that the table says', (scale) => {
    const told = Object.entries(crosswalk).flatMap(([state, codesOf]) =>
      codesOf[scale].map((code) => [code, state] as const),
    );
    for (const [code, state] of told) {
      expect([code, unpackHistory(packHistory(code, '2025-01', scale))[0]?.state]).toEqual([code, state]);
    }
    const spelled = new Set(told.map(([code]) => code));
    const single = (listOf(scale)?.entries ?? []).filter(({ code }) => !code.includes('..'));
    expect(single.filter(({ code }) => !spelled.has(code))).toEqual([]);
  });

  test.each(scales)('%s: no code is read as finer than its source has it', (scale) => {
    for (const { code, dpd } of natives(scale)) {
      const packed = packHistory(code, '2025-01', scale);
      expect([code, unpackHistory(packed)[0]?.dpd]).toEqual([code, dpd]);
      const { native: _, ...bare } = packed;
      expect([code, contains(unpackHistory(bare)[0]?.dpd ?? null, dpd)]).toEqual([code, true]);
    }
  });

  test.each(scales)(
    '%s: any history of 1 to 120 months survives the round trip, with its own codes',
    (scale) => {
      const month = fc.constantFrom(...natives(scale));
      fc.assert(
        fc.property(fc.array(month, { minLength: 1, maxLength: 120 }), (list) => {
          const native = list.map(({ code }) => code).join('');
          const packed = packHistory(native, '2024-06', scale);
          expect(packed.states).toHaveLength(list.length);
          expect(packed.native ?? packed.states).toBe(native);
          expect(unpackHistory(packed).map(({ dpd }) => dpd)).toEqual(list.map(({ dpd }) => dpd));
        }),
      );
    },
  );

  test('a digit is never the same days on two scales of days', () => {
    for (const digit of ['1', '2', '3', '4', '5', '6'] as const) {
      const [pboc] = unpackHistory(packHistory(digit, '2025-01', 'pboc'));
      const [metro2] = unpackHistory(packHistory(digit, '2025-01', 'metro2'));
      expect(metro2?.dpd).not.toEqual(pboc?.dpd);
      expect(metro2?.state).not.toBe(pboc?.state);
    }
    expect(() => packHistory('7', '2025-01', 'metro2')).toThrow(RangeError);
    expect(() => packHistory('1', '2025-01', 'cic')).toThrow(RangeError);
  });

  test('unpaid months of CIC count while they follow each other, and name no days', () => {
    const packed = packHistory('$AAP$AAAAAAAAB', '2025-06', 'cic');
    expect(packed.states).toBe('N123N12345677#');
    expect(unpackHistory(packed)[3]).toEqual({
      month: '2024-08',
      state: 'past_due_3',
      dpd: { min: 1, max: null },
    });
  });

  test('what is not the customer’s doing says nothing against the customer', () => {
    expect(packHistory('BB', '2025-06', 'cic').states).toBe('##');
  });

  test.each([
    ['half a month', '00', 'tuef'],
    ['a number of too many days', '901', 'tuef'],
    ['a lower-case class', 'std', 'tuef'],
    ['a PBOC code', 'N', 'cic'],
    ['no month', '', 'tuef'],
    ['more than 120 months', '000'.repeat(121), 'tuef'],
  ] as const)('%s is refused', (_, native, scale) => {
    expect(() => packHistory(native, '2025-01', scale)).toThrow(RangeError);
  });
});
