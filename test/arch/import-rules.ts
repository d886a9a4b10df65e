import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const CONFIG = join(ROOT, '.dependency-cruiser.cjs');

/** One import that breaks a rule. */
interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** What a cruise saw: no modules means that the tool could not read TypeScript, not that all is well. */
export interface Cruise {
  readonly modules: number;
  readonly violations: readonly Violation[];
}

/** A file with one import, written to show that a rule catches it. */
export interface Planted {
  readonly rule: string;
  readonly file: string;
  readonly imports: string;
}

interface CruiseOutput {
  summary: { totalCruised: number; violations: { rule: { name: string }; from: string; to: string }[] };
}

/** The names of all import rules. */
export function ruleNames(): string[] {
  const config = createRequire(import.meta.url)(CONFIG) as { forbidden: { name: string }[] };
  return config.forbidden.map((rule) => rule.name);
}

/** Applies the import rules to the workspace in `dir`. */
export function cruise(dir: string = ROOT): Cruise {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const flags = ['--config', CONFIG, '--output-type', 'json', 'packages', 'services'];
  const done = spawnSync(process.execPath, [program, ...flags], {
    cwd: dir,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (!done.stdout.startsWith('{')) throw new Error(`dependency-cruiser failed: ${done.stderr}`);
  const { summary } = JSON.parse(done.stdout) as CruiseOutput;
  const violations = summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  return { modules: summary.totalCruised, violations };
}

/** Applies the import rules to a small workspace made of the samples and of all files that they import. */
export function cruisePlanted(samples: readonly Planted[]): Cruise {
  const dir = mkdtempSync(join(tmpdir(), 'imports-'));
  try {
    for (const folder of ['packages', 'services']) mkdirSync(join(dir, folder));
    write(
      dir,
      'tsconfig.json',
      '{ "compilerOptions": { "module": "nodenext", "allowImportingTsExtensions": true } }',
    );
    for (const { file, imports } of samples) {
      write(dir, file, `import { x } from '${imports}';\nexport const y = x;\n`);
      plantTarget(dir, file, imports);
    }
    return cruise(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function plantTarget(dir: string, file: string, imports: string): void {
  const missing = imports.includes('absent') || imports.startsWith('node:');
  if (missing) return;
  if (imports.startsWith('.')) {
    const target = join(dirname(file), imports);
    const back = file.endsWith('/cycle.ts') ? `export * from './cycle.ts';\n` : '';
    write(dir, target, `${back}export const x = 1;\n`);
    return;
  }
  const main = '{ "name": "planted", "version": "1.0.0", "main": "index.js" }';
  write(dir, `node_modules/${imports}/package.json`, main);
  write(dir, `node_modules/${imports}/index.js`, 'exports.x = 1;\n');
  const kind = imports.startsWith('dev-') ? 'devDependencies' : 'dependencies';
  const declared = imports.startsWith('undeclared') ? {} : { [kind]: { [imports]: '1.0.0' } };
  const owner = file.split('/').slice(0, 2).join('/');
  write(dir, `${owner}/package.json`, JSON.stringify({ name: owner, version: '1.0.0', ...declared }));
}

function write(dir: string, file: string, text: string): void {
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  writeFileSync(join(dir, file), text);
}
