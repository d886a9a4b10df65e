// `pnpm check`: everything that reads the code without running it. All steps run, then one summary.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };

/** What a step is called, its program and its arguments.
 * @type {[string, string, string[]][]} */
const steps = [
  ['types', 'tsc', ['-p', '.']],
  ['page types', 'tsc', ['-p', 'packages/proof-page']],
  ['portal types', 'tsc', ['-p', 'services/consumer/web']],
  ['console types', 'tsc', ['-p', 'services/bureau/web']],
  ['workbench types', 'tsc', ['-p', 'services/broker/web']],
  ['supervision types', 'tsc', ['-p', 'services/authority/web']],
  ['ui types', 'tsc', ['-p', 'packages/ui']],
  ['lint', 'oxlint', []],
  ['format', 'oxfmt', ['--check', '.']],
  ['dead code', 'knip', ['--no-progress']],
  ['imports', 'node', ['scripts/check-imports.ts']],
  ['rules', 'vitest', ['run', '--project', 'arch', '--reporter', 'dot']],
];

const rows = [];
for (const [name, program, args] of steps) {
  const start = performance.now();
  const done = spawnSync(join(bin, program), args, { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const ok = done.status === 0;
  if (!ok) {
    process.stdout.write(`\n# ${name}\n${done.stdout ?? ''}${done.stderr ?? done.error?.message ?? ''}\n`);
  }
  rows.push({ name, ok, seconds: ((performance.now() - start) / 1000).toFixed(1) });
}

for (const { name, ok, seconds } of rows) {
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(12)} ${seconds} s\n`);
}
const failed = rows.filter((row) => !row.ok).map((row) => row.name);
process.stdout.write(failed.length === 0 ? 'check: clean\n' : `check: ${failed.join(', ')} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
