import { expect, test } from 'vitest';
import { BANS, breaches } from './bans.ts';
import {
  filesMatching,
  isTest,
  lineAt,
  lineCount,
  nodesOf,
  projectFiles,
  type SourceFile,
} from './source-files.ts';

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

const code = filesMatching(/\.(ts|tsx|mts|mjs|cjs)$/);
const source = code.filter(({ path }) => !isTest(path));
const markdown = filesMatching(/\.md$/);

test('the project has files to look at', () => {
  expect(source.length).toBeGreaterThan(50);
});

test('no file has more than 400 lines', () => {
  expect(code.filter(({ text }) => lineCount(text) > 400).map(({ path }) => path)).toEqual([]);
});

test('the median source file has at most 80 lines', () => {
  const lengths = source.map(({ text }) => lineCount(text)).sort((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)];
  process.stdout.write(`${lengths.length} source files, median ${median} lines, longest ${lengths.at(-1)}\n`);
  expect(median).toBeLessThanOrEqual(80);
});

test('no function has more than 70 lines', () => {
  expect(source.flatMap((file) => longFunctions(file, 70))).toEqual([]);
  const planted = { path: 'a.ts', text: `export function long() {\n${'  go();\n'.repeat(69)}}\n` };
  expect(longFunctions(planted, 70)).toEqual(['a.ts:1 (71 lines)']);
});

test('no line of code is wider than 110 columns', () => {
  expect(code.flatMap((file) => wideLines(file, 110))).toEqual([]);
  expect(wideLines({ path: 'a.ts', text: `\n// ${'x'.repeat(108)}\n` }, 110)).toEqual(['a.ts:2']);
});

test('every Markdown file has one first-level heading', () => {
  expect(markdown.filter((file) => headings(file) !== 1).map(({ path }) => path)).toEqual([]);
  expect(headings({ path: 'a.md', text: '# One\n```sh\n# a comment\n```\n# Two\n' })).toBe(2);
});

test('file names are kebab-case and say what the file holds', () => {
  const names = projectFiles().filter((path) =>
    /^(packages|services|test|scripts)\/.*\.(ts|tsx|mjs)$/.test(path),
  );
  expect(names.filter((path) => !isGoodName(path))).toEqual([]);
  expect(['a/userUtils.ts', 'a/utils.ts', 'a/helpers/x.ts', 'a/job-manager.ts'].filter(isGoodName)).toEqual(
    [],
  );
});

test('nothing is silenced and nothing is left for later', () => {
  const silenced = [
    /(eslint|oxlint|biome)-(disable|ignore)|@ts-(ignore|nocheck|expect-error)/,
    /(\/\/|\*).*\b(TO(?:DO)|FIX(?:ME)|XX(?:X))\b/,
  ];
  expect(code.flatMap((file) => silenced.flatMap((pattern) => linesWith(file, pattern)))).toEqual([]);
  expect(linesWith({ path: 'a.ts', text: '// TO' + 'DO later\n' }, silenced[1] ?? /^$/)).toEqual(['a.ts:1']);
});

test('no file names a machine: no absolute home or workspace paths, no package registry', () => {
  const machine = /(?<![\w.~$}-])\/(?:home|Users|root|work|workspace|mnt)\/[\w-]|^\s*registry\s*=|\btarball:/;
  const everything = filesMatching(/^(?!LICENSE$)/).filter(({ text }) => !text.includes('\0'));
  expect(everything.flatMap((file) => linesWith(file, machine))).toEqual([]);
  expect(linesWith({ path: 'a.md', text: `see ${['', 'home', 'me', 'x'].join('/')}\n` }, machine)).toEqual([
    'a.md:1',
  ]);
});

test.each(BANS)('$name: $instead', (ban) => {
  expect(breaches(ban, { path: 'packages/gate2/src/planted.ts', text: `${ban.sample}\n` })).toHaveLength(1);
  expect(code.flatMap((file) => breaches(ban, file))).toEqual([]);
});

function longFunctions(file: SourceFile, linesMax: number): string[] {
  const functions = nodesOf(file).filter(({ type }) => FUNCTIONS.includes(type));
  const sized = functions.map(({ start, end }) => ({ start, lines: lineCount(file.text.slice(start, end)) }));
  const long = sized.filter(({ lines }) => lines > linesMax);
  return long.map(({ start, lines }) => `${file.path}:${lineAt(file.text, start)} (${lines} lines)`);
}

function wideLines({ path, text }: SourceFile, columnsMax: number): string[] {
  const wide = text.split('\n').map((line, at) => ({ at, columns: Array.from(line).length }));
  return wide.filter(({ columns }) => columns > columnsMax).map(({ at }) => `${path}:${at + 1}`);
}

function headings({ text }: SourceFile): number {
  const prose = text.replaceAll(/^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1/gm, '');
  return prose.split('\n').filter((line) => line.startsWith('# ')).length;
}

function isGoodName(path: string): boolean {
  const kebab = path.split('/').every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(part));
  return kebab && !/(^|[/.-])(utils?|helpers?|common|misc|manager)([/.-]|$)/.test(path);
}

function linesWith({ path, text }: SourceFile, pattern: RegExp): string[] {
  const lines = text.split('\n').map((line, at) => ({ at, hit: pattern.test(line) }));
  return lines.filter(({ hit }) => hit).map(({ at }) => `${path}:${at + 1}`);
}
