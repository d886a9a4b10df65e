import { CausewayError } from '@causeway/protocol';
import { describe, expect, test } from 'vitest';
import { pageOfFailure } from './failed-page.ts';

const browser = { accept: 'text/html,application/xhtml+xml;q=0.9' };
const back = '/v1/sign-in/return?code=x&state=y';
const whyOf = (error: unknown, url = back): string | null => {
  const page = pageOfFailure(error, { headers: browser, url }, '/permissions');
  return new URL(page ?? 'none:', 'http://localhost').searchParams.get('why');
};

describe('a browser is told in a word why', () => {
  test.each([
    ['cancelled', new CausewayError('token_invalid'), '/v1/sign-in/return?error=access_denied&state=y'],
    ['again', new CausewayError('token_invalid'), '/v1/sign-in/return?error=server_error'],
    ['again', new CausewayError('token_invalid'), back],
    ['weak', new CausewayError('authentication_weak'), back],
    ['act', new CausewayError('conflict'), back],
    ['act', new CausewayError('not_found'), back],
    ['act', new CausewayError('member_suspended'), back],
    ['away', new CausewayError('unavailable'), back],
    ['away', new CausewayError('internal', { internal: 'secret' }), back],
    ['away', new Error('secret'), back],
  ])('%s', (why, error, url) => expect(whyOf(error, url)).toBe(why));
});

test('the address says where the person wanted to go, and nothing of the error', () => {
  const error = new CausewayError('internal', { internal: 'secret' });
  const page = pageOfFailure(
    error,
    { headers: browser, url: `${back}&error_description=secret` },
    '/a?b=c&d',
  );
  expect(page).toBe('/sign-in-failed?why=away&to=%2Fa%3Fb%3Dc%26d');
  expect(pageOfFailure(error, { headers: browser, url: back }, undefined)).toContain('to=%2F');
});

test.each([{}, { accept: '*/*' }, { accept: 'application/json' }])(
  'a program %j gets the problem',
  (headers) => {
    expect(pageOfFailure(new CausewayError('token_invalid'), { headers, url: back }, '/')).toBeUndefined();
  },
);
