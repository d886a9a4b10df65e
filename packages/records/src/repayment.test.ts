import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pbocRepaymentStates } from './code-lists/pboc-repayment-states.ts';
import { dpdRange, packHistory, unpackHistory } from './repayment.ts';

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
