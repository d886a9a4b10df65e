import { expect, test } from 'vitest';
import { count, failures } from './count-tests.mjs';

const file = (status: string, ...results: string[]) => ({
  status,
  assertionResults: results.map((result) => ({ status: result })),
});

test('passed and failed tests are counted over all files', () => {
  const report = { testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')] };
  expect(count(report, 0, 1)).toEqual({ passed: 3, failed: 1 });
});

test('a file that did not load counts as one failure', () => {
  expect(count({ testResults: [file('failed')] }, 0, 1)).toEqual({ passed: 0, failed: 1 });
});

test('a failed check is a failure although all tests pass', () => {
  expect(count({ testResults: [file('passed', 'passed')] }, 1, 0)).toEqual({ passed: 1, failed: 1 });
});

test('a run that ended badly without a failed test, or without a report, is a failure', () => {
  expect(count({ testResults: [file('passed', 'passed')] }, 0, 137)).toEqual({ passed: 1, failed: 1 });
  expect(count(undefined, 0, 1)).toEqual({ passed: 0, failed: 1 });
});

test('each failed test is told once more, with the first line of what its first attempt said', () => {
  const passed = { status: 'passed', fullName: 'one' };
  const broken = {
    status: 'failed',
    fullName: 'two',
    failureMessages: ['Error: no\n at a.ts', 'Error: again'],
  };
  const report = { testResults: [{ status: 'failed', assertionResults: [passed, broken] }] };
  expect(failures(report)).toEqual(['failed: two\n        Error: no']);
});
