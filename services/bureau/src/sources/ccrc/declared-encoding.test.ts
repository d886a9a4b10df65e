import { encodeStrict } from '@causeway/records/encodings';
import { expect, test } from 'vitest';

import { decodeDeclared } from './declared-encoding.ts';

const document = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?><a>中</a>`;

test.each([
  ['GB18030', 'gb18030'],
  ['gbk', 'gbk'],
  ['GB2312', 'gbk'],
  ['UTF-8', 'utf-8'],
] as const)('bytes that declare %s are read in it', (declared, encoding) => {
  const text = document(declared);
  expect(decodeDeclared(encodeStrict(text, encoding))).toBe(text);
});

test('without a declaration the label counts, and without either GB18030', () => {
  expect(decodeDeclared(encodeStrict('<a>中</a>', 'utf-8'), 'utf-8')).toBe('<a>中</a>');
  expect(decodeDeclared(encodeStrict('<a>中</a>', 'gb18030'))).toBe('<a>中</a>');
});

test('a label may name another part of GB18030 than the declaration', () => {
  const text = document('GB2312');
  expect(decodeDeclared(encodeStrict(text, 'gbk'), 'GB18030')).toBe(text);
});

test.each([
  ['a label of UTF-8 on a document in GB18030', document('GB18030'), 'utf-8'],
  ['a label of GB18030 on a document in UTF-8', document('UTF-8'), 'GB18030'],
  ['a label that is none', document('GB18030'), 'EBCDIC'],
  ['a declaration that is none', document('EBCDIC'), undefined],
] as const)('%s is refused', (_, text, label) => {
  expect(() => decodeDeclared(encodeStrict(text, 'utf-8'), label)).toThrow(RangeError);
});

test('a character of four bytes is refused where GB2312 or GBK is declared', () => {
  const bytes = encodeStrict('<?xml version="1.0" encoding="GB2312"?><a>𠮷</a>', 'gb18030');
  expect(() => decodeDeclared(bytes)).toThrow(RangeError);
});
