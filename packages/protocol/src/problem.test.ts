import { describe, expect, it } from 'vitest';
import { CausewayError, errorTable, isErrorCode } from './errors.ts';
import { problem } from './problem.ts';

describe('an error as it leaves a node', () => {
  it('carries code, status, title, advice and the member at fault', () => {
    const error = new CausewayError('expired', {
      pointer: '/exp',
      internal: 'secret',
      cause: new Error('secret'),
    });
    const out = problem(error, 'r-1');
    expect(out).toEqual({
      type: 'https://causeway.example/errors/expired',
      title: 'Expired',
      status: 401,
      detail: 'The statement has expired. Issue a new one.',
      code: 'expired',
      retryable: false,
      request_id: 'r-1',
      errors: [{ pointer: '/exp' }],
    });
    expect(JSON.stringify(out)).not.toContain('secret');
  });

  it.each([new Error('SELECT * FROM subjects'), 'text', undefined, { code: 'expired', status: 200 }])(
    'an error that is not ours says nothing: %#',
    (error) => {
      expect(problem(error, 'r-2')).toEqual({
        type: 'https://causeway.example/errors/internal',
        title: 'Internal error',
        status: 500,
        detail: 'The fault is ours. Quote the request id.',
        code: 'internal',
        retryable: true,
        request_id: 'r-2',
      });
    },
  );

  it('knows its own codes and no others', () => {
    expect(isErrorCode('expired')).toBe(true);
    for (const code of ['toString', '__proto__', 'nonsense', 7, null]) expect(isErrorCode(code)).toBe(false);
  });

  it.each(Object.entries(errorTable))(
    '%s has a status and two sentences',
    (_code, { status, title, detail }) => {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title).toMatch(/^[A-Z][^.]*$/u);
      expect(detail).toMatch(/\.$/u);
    },
  );
});
