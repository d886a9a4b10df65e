import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodesOf, ROOT } from './source-files.ts';

interface Row {
  readonly invariant: string;
  readonly place: string;
  readonly testFile: string;
  readonly title: string;
}

const rows = invariantTable(readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8'));

test('the table of invariants is there', () => {
  expect(rows.length).toBeGreaterThan(10);
});

test.each(rows)('$invariant: the place exists', ({ place }) => {
  expect(existsSync(join(ROOT, place))).toBe(true);
});

test.each(rows)('$invariant: the test exists', ({ testFile, title }) => {
  expect(titlesIn(testFile)).toContain(title);
});

test('a title that no test has is not found', () => {
  expect(titlesIn('test/arch/architecture.test.ts')).not.toContain('a test that nobody wrote');
});

function invariantTable(markdown: string): Row[] {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => line.startsWith('| invariant |'));
  const end = lines.findIndex((line, at) => at > head && !line.startsWith('|'));
  return lines.slice(head + 2, end === -1 ? undefined : end).map((line) => {
    const cells = line.split('|').map((cell) => cell.trim().replace(/^`(.*)`$/, '$1'));
    const [, invariant = '', place = '', testFile = '', title = ''] = cells;
    return { invariant, place, testFile, title };
  });
}

/** The titles in the file: what test, it and their .each are called with. */
function titlesIn(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return nodesOf({ path, text }).flatMap((node) => {
    if (node.type !== 'CallExpression' || !/^(test|it)\b/.test(text.slice(node.callee.start))) return [];
    const [first] = node.arguments;
    return first?.type === 'Literal' && typeof first.value === 'string' ? [first.value] : [];
  });
}
