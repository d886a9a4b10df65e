import { expect, test } from 'vitest';

import { weakSignature } from './weak-signature.ts';

const fields = { ver: '1.0', ts: '1561910400000', reqNo: 'r-1', partnerId: 'causeway', data: 'ZQ==' };

test('fields are signed in the order of their names, with the key behind them, in capitals', () => {
  // By hand: md5 of data=ZQ==&partnerId=causeway&reqNo=r-1&ts=1561910400000&ver=1.0&12345678
  expect(weakSignature(fields, '12345678')).toBe('83617E639E818D0DB75DF834484152EE');
});

test('another value, another key and a field less are another signature', () => {
  const right = weakSignature(fields, '12345678');
  const { ver: _ver, ...fewer } = fields;
  expect(weakSignature({ ...fields, reqNo: 'r-2' }, '12345678')).not.toBe(right);
  expect(weakSignature(fields, '12345679')).not.toBe(right);
  expect(weakSignature(fewer, '12345678')).not.toBe(right);
});
