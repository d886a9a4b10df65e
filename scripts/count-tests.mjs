// The last line of .ci/run: `N passed, N failed`, from vitest's report and the exit codes of check and test.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { state } from './machine.mjs';

/**
 * Each failed test in two lines, its title and how its first attempt failed: what scrolls away in a long log.
 * @param {VitestReport | undefined} report
 */
export function failures(report) {
  return (report?.testResults ?? []).flatMap((file) =>
    file.assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ failureMessages = [], fullName = '' }) => {
        const [first = ''] = failureMessages.join('\n').split('\n');
        return `failed: ${fullName}\n        ${first.slice(0, 400)}`;
      }),
  );
}

/**
 * A file that failed without any test of its own (it did not load) counts as one failure, and so do a failed
 * check and a test run that ended badly without a failed test.
 * @param {VitestReport | undefined} report
 * @param {number} checkExit
 * @param {number} testExit
 *
 * @typedef {{ status: string, fullName?: string, failureMessages?: string[] }} TestResult
 * @typedef {{ status: string, assertionResults: TestResult[] }} FileResult
 * @typedef {{ testResults: FileResult[] }} VitestReport
 */
export function count(report, checkExit, testExit) {
  const files = report?.testResults ?? [];
  const results = files.flatMap((file) => file.assertionResults.map((result) => result.status));
  const passed = results.filter((status) => status === 'passed').length;
  const notLoaded = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const inTests = results.filter((status) => status === 'failed').length + notLoaded;
  const unexplained = testExit !== 0 && inTests === 0 ? 1 : 0;
  return { passed, failed: inTests + unexplained + (checkExit === 0 ? 0 : 1) };
}

if (process.argv[1]?.endsWith('count-tests.mjs')) {
  const file = join(state, 'test-report.json');
  const report = existsSync(file)
    ? /** @type {VitestReport} */ (JSON.parse(readFileSync(file, 'utf8')))
    : undefined;
  const { passed, failed } = count(report, Number(process.argv[2]), Number(process.argv[3]));
  for (const each of failures(report)) process.stdout.write(`${each}\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
