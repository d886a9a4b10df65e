import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, type Node } from 'oxc-parser';

export const ROOT = join(import.meta.dirname, '../..');

/** A file that git knows or would take, with its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** All files of the project, beside what .gitignore names. */
export function projectFiles(): string[] {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.stderr}`);
  const paths = new Set(
    listed.stdout.split('\0').filter((path) => path !== '' && existsSync(join(ROOT, path))),
  );
  return [...paths].sort();
}

/** The project's files whose path matches, with their texts. */
export function filesMatching(pattern: RegExp): SourceFile[] {
  const paths = projectFiles().filter((path) => pattern.test(path));
  return paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** True for a test file or one that serves tests only. */
export function isTest(path: string): boolean {
  return path.startsWith('test/') || /\.(test|fixture)\.ts$|\/test-[^/]+(\/|$)/.test(path);
}

/** The number of lines of a text that ends with a line end. */
export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** The line, counted from 1, that holds this offset. */
export function lineAt(text: string, offset: number): number {
  return lineCount(`${text.slice(0, offset)}.`);
}

/** Every node of the file's syntax tree, parents before children. */
export function nodesOf({ path, text }: SourceFile): Node[] {
  const { program, errors } = parseSync(path, text);
  const first = errors[0];
  if (first) throw new Error(`${path}: ${first.message}`);
  const nodes: Node[] = [];
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(collect);
    else if (isNode(value)) {
      nodes.push(value);
      for (const [key, child] of Object.entries(value)) if (key !== 'parent') collect(child);
    }
  };
  collect(program);
  return nodes;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
