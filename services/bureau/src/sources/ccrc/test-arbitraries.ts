import { currencyExponent, daysInMonth } from '@causeway/kernel';
import fc from 'fast-check';

/** A field that has a value, or none, for a reason that the registry can write or for no told one. */
type Slot =
  | { readonly value: unknown }
  | { readonly gap: 'not_applicable' | 'unknown_at_source' | undefined };

const gap = fc.constantFrom('not_applicable', 'unknown_at_source', undefined);

/** Some of these fields with values, and reasons for some of the others. */
export function someOf(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> {
  const slots = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      fc.oneof<[fc.Arbitrary<Slot>, fc.Arbitrary<Slot>]>(
        value.map((one) => ({ value: one })),
        gap.map((one) => ({ gap: one })),
      ),
    ]),
  );
  return fc.record(slots).map((found) => {
    const values: Record<string, unknown> = {};
    const absent: Record<string, string> = {};
    for (const [name, slot] of Object.entries(found)) {
      if ('value' in slot) values[name] = slot.value;
      else if (slot.gap !== undefined) absent[name] = slot.gap;
    }
    return Object.keys(absent).length === 0 ? values : { ...values, absent };
  });
}

const two = (n: number): string => String(n).padStart(2, '0');

export const month = fc
  .tuple(fc.integer({ min: 2015, max: 2026 }), fc.integer({ min: 1, max: 10 }))
  .map(([year, inYear]) => `${year}-${two(inYear)}`);

export const day = fc
  .tuple(month, fc.integer({ min: 1, max: 31 }))
  .map(
    ([text, at]) =>
      `${text}-${two(Math.min(at, daysInMonth(Number(text.slice(0, 4)), Number(text.slice(5)))))}`,
  );

export const partialDate = fc.oneof(
  month.map((text) => text.slice(0, 4)),
  month,
  day,
);

/** Whole units of a currency, in minor units: the registry has no fen. */
export const wholeAmount = (currency: string, signed = false): fc.Arbitrary<string> =>
  fc
    .bigInt({ min: signed ? -(10n ** 12n) : 0n, max: 10n ** 12n })
    .map((units) => (units * 10n ** BigInt(currencyExponent(currency))).toString());

export const yuan = wholeAmount('CNY').map((amount_minor) => ({ amount_minor, currency: 'CNY' }));

export const currencies = fc.constantFrom('CNY', 'USD', 'JPY');

export const count = fc.integer({ min: 0, max: 10_000 });

export const share = fc.integer({ min: 0, max: 1_000_000 });

export const oneOfKeys = (table: Readonly<Record<string, unknown>>): fc.Arbitrary<string> =>
  fc.constantFrom(...new Set(Object.values(table).map(String)));

export const reference = fc
  .array(fc.constantFrom(...'ABXYZ0123456789-'), { minLength: 1, maxLength: 20 })
  .map((characters) => `B${characters.join('')}`);

export const word = fc
  .array(fc.constantFrom(...'abcz019_.'), { minLength: 1, maxLength: 12 })
  .map((characters) => `a${characters.join('')}`);

/** Words in many scripts on one line, with what XML gives a meaning, a rare character and both dots. */
export const line = fc
  .array(
    fc
      .array(fc.constantFrom(...'某院民事判决书<>&"\'Aé𠮷·•€—'), { minLength: 1, maxLength: 8 })
      .map((characters) => `x${characters.join('')}`),
    { minLength: 1, maxLength: 6 },
  )
  .map((words) => words.join(' '));

export const states = (monthsMax: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'NM1234567*#ADZBCG/'), { minLength: 1, maxLength: monthsMax })
    .map((codes) => codes.join(''));

/** Marks, and the display state that an open dispute gives. */
export const marked = (today: string): fc.Arbitrary<object> =>
  fc.oneof(
    fc.constant({}),
    fc
      .array(fc.oneof(mark('dispute_mark'), mark('provider_note')), { minLength: 1, maxLength: 3 })
      .map((marks) => {
        const open = marks.some(
          ({ ends_on, kind }) => kind === 'dispute_mark' && (ends_on === undefined || ends_on >= today),
        );
        return { marks, ...(open ? { display_state: 'marked' } : {}) };
      }),
  );

/** One annotation of a kind. */
export const mark = (kind: string): fc.Arbitrary<{ kind: string; added_on: string; ends_on?: string }> =>
  fc.record(
    { kind: fc.constant(kind), added_on: day, text: line, ends_on: day },
    { requiredKeys: ['kind', 'added_on'] },
  );
