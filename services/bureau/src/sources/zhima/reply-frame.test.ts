import { encodeStrict } from '@causeway/records/encodings';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { SourceFault } from '../source-fault.ts';
import { readFrame } from './reply-frame.ts';

const read = (text: string): Record<string, string> =>
  Object.fromEntries([...readFrame(Buffer.from(text), 'utf-8')].map(([name, raw]) => [name, raw.toString()]));

function outcomeOf(bytes: Buffer, charset: 'utf-8' | 'gbk'): string {
  try {
    readFrame(bytes, charset);
    return 'frame';
  } catch (error) {
    return error instanceof SourceFault ? 'fault' : 'crash';
  }
}

describe('members are found as the bytes that came', () => {
  test.each([
    ['{"a_response":{"x":1},"sign":"s"}', '{"x":1}'],
    ['{"sign":"s","a_response":{"x":1}}', '{"x":1}'],
    ['\r\n{ "a_response" :\t{ "x" : 1 } , "sign":"s" }\n', '{ "x" : 1 }'],
    ['{"a_response":{"x":{"y":[{}]}},"sign":"s"}', '{"x":{"y":[{}]}}'],
    ['{"a_response":{"x":"}\\"{,\\\\"},"sign":"s"}', '{"x":"}\\"{,\\\\"}'],
    ['{"a_response":{"x":"\\u007d\\u0022"},"sign":"s"}', '{"x":"\\u007d\\u0022"}'],
    ['{"a_response":{"x":",\\"sign\\":\\"t\\"}"},"sign":"s"}', '{"x":",\\"sign\\":\\"t\\"}"}'],
    ['{"a_response":"cipher==","sign":"s"}', '"cipher=="'],
  ])('%s', (text, raw) => {
    expect(read(text)).toEqual({ a_response: raw, sign: '"s"' });
  });

  test('any object, in either charset, with any letters that it has', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'誠誡厈寎乗已{}[]",:\\ aZ0') });
    const inner = fc.dictionary(letters, fc.oneof(letters, fc.jsonValue({ stringUnit: 'grapheme-ascii' })));
    const property = fc.property(
      inner,
      fc.constantFrom('utf-8' as const, 'gbk' as const),
      (value, charset) => {
        const text = JSON.stringify(value, undefined, 1).replaceAll(/[\u0080-\u00ff]/gu, '?');
        const bytes = Buffer.from(encodeStrict(text, charset));
        const body = Buffer.concat([Buffer.from('{"a_response":'), bytes, Buffer.from(',"sign":"s"}')]);
        expect(readFrame(body, charset).get('a_response')?.equals(bytes)).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});

describe('what is no such object is refused', () => {
  test.each([
    '', ' ', '{', '}', '{}', '[]', 'null', '"a"', '{"a":1', '{"a":1}}', '{"a":1} x', '{"a":1,}', '{"a" 1}',
    '{a:1}', '{"a":}', '{"a":1,"a":2}', '{"a\\u0062":1}', '{"":1}', '{"a":"', '{"a":"\\', '{"a":{"b":"}',
    '{"a":[', '{"ä":1}', '{"a":1 2}', "{'a':1}", '\ufeff{"a":1}',
    `{${Array.from({ length: 9 }, (_, at) => `"k${at}":1`).join(',')}}`,
  ])('%s', (text) => {
    expect(() => read(text)).toThrow(SourceFault);
  }); // prettier-ignore

  test('half of a double byte at the end', () => {
    expect(() => readFrame(Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xd5]), 'gbk')).toThrow(
      SourceFault,
    );
  });

  test('any bytes end in an answer or a fault, at once', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, gbk) => {
      expect(['frame', 'fault']).toContain(outcomeOf(Buffer.from(bytes), gbk ? 'gbk' : 'utf-8'));
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('a nesting of millions costs no stack', () => {
    expect(() => readFrame(Buffer.from(`{"a":${'['.repeat(4_000_000)}`), 'utf-8')).toThrow(SourceFault);
  });
});
