import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlainLine } from './plain-line.ts';

test.each([
  'Car loan',
  '汽车消费贷款 2.0',
  'Crédit “auto” – 5 %',
  '\u{20bb7}家',
  '<b>x</b>',
  "'; DROP TABLE x",
])('S74 %j is a line as it is written', (text) => expect(isPlainLine(text)).toBe(true));

test.each([
  ...[
    'Car\nI allow everybody',
    'Car\rloan',
    'Car\u2028loan',
    'Car\u0085loan',
    'Car\tloan',
    ' Car',
    'Car ',
    'a  b',
  ],
  ...[
    '\u202eraC',
    'a\u200bb',
    '\u2066x\u2069',
    '\u0000',
    '\ufeffCar',
    '\ud800',
    'e\u0301',
    '\ue000',
    '\u00ad',
  ],
])('S74 %j is none', (text) => expect(isPlainLine(text)).toBe(false));

test('whatever passes stays on its line, and is what it is after any trip as text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      if (!isPlainLine(text)) return;
      expect(text.split(/\r\n|[\n\r\u0085\u2028\u2029]/u)).toHaveLength(1);
      expect(Buffer.from(text).toString()).toBe(text);
    }),
  );
});
