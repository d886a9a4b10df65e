import { CausewayError } from '@causeway/protocol';
import { describe, expect, test } from 'vitest';

import { problemOf } from './problem-replies.ts';
import { isStoreAway, isStoreTrouble } from './store-away.ts';

const withCode = (code: unknown): Error => Object.assign(new Error('x'), { code });

describe('a store that is away', () => {
  test.each(['08006', '57P01', '57P02', '57P03', '53300', '25P03', 'ECONNREFUSED', 'EPIPE'])(
    '%s is no fault of the request',
    (code) => {
      expect(isStoreAway(withCode(code))).toBe(true);
      expect(problemOf(withCode(code), 'r')).toMatchObject({
        status: 503,
        code: 'unavailable',
        retryable: true,
      });
    },
  );

  test.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ])('"%s" is what the driver says of it', (message) => {
    expect(isStoreAway(new Error(message))).toBe(true);
  });

  test.each<[string, unknown]>([
    ['a broken rule of the schema', withCode('23505')],
    ['a statement that is wrong', withCode('42601')],
    ['a code that is a number', withCode(8006)],
    ['a fault of ours', new TypeError('Connection is not a function')],
    ['no error at all', 'Connection terminated'],
  ])('%s is not that', (_what, error) => {
    expect(isStoreAway(error)).toBe(false);
    expect(problemOf(error, 'r')).toMatchObject({ status: 500, code: 'internal' });
  });

  test('a refusal stays what it is', () => {
    expect(problemOf(new CausewayError('not_authorised'), 'r')).toMatchObject({ code: 'not_authorised' });
  });
});

describe('a store in trouble', () => {
  test.each([
    '08006',
    '57P03',
    'ECONNREFUSED',
    '40001',
    '40P01',
    '53100',
    '55P03',
    '57014',
    '58030',
    '25006',
  ])('%s says nothing about the work at hand, and the request may be sent again', (code) => {
    expect(isStoreTrouble(withCode(code))).toBe(true);
    expect(problemOf(withCode(code), 'r')).toMatchObject({ status: 503, code: 'unavailable' });
  });

  test.each<[string, unknown]>([
    ['a broken rule of the schema', withCode('23505')],
    ['a value that does not fit', withCode('22P02')],
    ['a statement that is wrong', withCode('42601')],
    ['a transaction that failed before', withCode('25P02')],
    ['a code in lower case', withCode('40p01')],
    ['a code that is a number', withCode(40001)],
    ['a fault of ours', new RangeError('out of range')],
    ['an error that only looks like one', { code: '40P01' }],
  ])('%s is a fault of the work', (_what, error) => {
    expect(isStoreTrouble(error)).toBe(false);
  });
});
