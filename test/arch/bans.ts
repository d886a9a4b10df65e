import type { Node } from 'oxc-parser';
import { isTest, lineAt, nodesOf, type SourceFile } from './source-files.ts';

/** Something that is written in one place only, what to write elsewhere, and a line that breaks the ban. */
export interface Ban {
  readonly name: string;
  readonly instead: string;
  readonly sample: string;
  allowedIn(path: string): boolean;
  finds(node: Node): boolean;
}

const READS_THE_WORLD = /^(packages\/(kernel\/src\/system\.ts|sandbox\/|cli\/)|scripts\/)/;
const readsTheWorld = (path: string): boolean => isTest(path) || READS_THE_WORLD.test(path);

export const BANS: readonly Ban[] = [
  property('Date', 'now', 'take a Clock'),
  property('performance', 'now', 'take a Clock'),
  property('process', 'hrtime', 'take a Clock'),
  property('Math', 'random', 'take a Random'),
  property('crypto', 'randomUUID', 'use uuidv7(clock, random)'),
  property('crypto', 'randomBytes', 'take a Random'),
  property('crypto', 'getRandomValues', 'take a Random'),
  {
    name: 'new Date()',
    instead: 'take a Clock',
    sample: 'const at = new Date();',
    allowedIn: readsTheWorld,
    finds: (node) =>
      (node.type === 'NewExpression' || node.type === 'CallExpression') &&
      isNamed(node.callee, 'Date') &&
      node.arguments.length === 0,
  },
  {
    name: 'import of randomness',
    instead: 'take a Random',
    sample: "import { randomBytes } from 'node:crypto';",
    allowedIn: readsTheWorld,
    finds: (node) =>
      node.type === 'ImportSpecifier' &&
      node.imported.type === 'Identifier' &&
      ['randomBytes', 'randomUUID', 'randomInt', 'getRandomValues'].includes(node.imported.name),
  },
  {
    ...property('process', 'env', 'read it in packages/service/src/config.ts and pass the value on'),
    allowedIn: (path) => readsTheWorld(path) || path === 'packages/service/src/config.ts',
  },
  proof('Permit', /^packages\/gate\/src\//),
  proof('LeafReceipt', /^packages\/member\/src\/leaves\.ts$/),
  proof('Verified', /^packages\/protocol\/src\/verif(y|ied)[^/]*\.ts$/),
  {
    name: 'a test that does not run',
    instead: 'mend the test or remove it',
    sample: "test.skip('later', () => undefined);",
    allowedIn: () => false,
    finds: (node) =>
      isProperty(node, ['test', 'it', 'describe'], ['skip', 'only', 'todo', 'fails', 'skipIf', 'runIf']),
  },
];

/** Where the file breaks the ban, as `path:line`. */
export function breaches(ban: Ban, file: SourceFile): string[] {
  if (ban.allowedIn(file.path)) return [];
  const found = nodesOf(file).filter((node) => ban.finds(node));
  return found.map((node) => `${file.path}:${lineAt(file.text, node.start)}`);
}

function property(object: string, name: string, instead: string): Ban {
  return {
    name: `${object}.${name}`,
    instead,
    sample: `export const x = ${object}.${name};`,
    allowedIn: readsTheWorld,
    finds: (node) => isProperty(node, [object], [name]),
  };
}

/** A proof type is made in its module and nowhere else, in tests neither. */
function proof(type: string, home: RegExp): Ban {
  return {
    name: `as ${type}`,
    instead: `get a ${type} from the function that proves it`,
    sample: `export const x = {} as ${type}<never>[];`,
    allowedIn: (path) => home.test(path),
    finds: (node) =>
      (node.type === 'TSAsExpression' || node.type === 'TSTypeAssertion') &&
      mentions(node.typeAnnotation, type),
  };
}

function mentions(value: unknown, type: string): boolean {
  if (Array.isArray(value)) return value.some((item) => mentions(item, type));
  if (typeof value !== 'object' || value === null) return false;
  if (
    'type' in value &&
    value.type === 'TSTypeReference' &&
    'typeName' in value &&
    isNamed(value.typeName, type)
  ) {
    return true;
  }
  return Object.entries(value).some(([key, child]) => key !== 'parent' && mentions(child, type));
}

function isProperty(node: Node, objects: readonly string[], names: readonly string[]): boolean {
  if (node.type !== 'MemberExpression') return false;
  if (!objects.some((object) => isNamed(node.object, object) || isGlobal(node.object, object))) return false;
  return names.some((name) => isNamed(node.property, name) || isText(node.property, name));
}

function isGlobal(node: Node, name: string): boolean {
  return (
    node.type === 'MemberExpression' && isNamed(node.object, 'globalThis') && isNamed(node.property, name)
  );
}

function isNamed(node: unknown, name: string): boolean {
  if (typeof node !== 'object' || node === null) return false;
  return 'type' in node && node.type === 'Identifier' && 'name' in node && node.name === name;
}

function isText(node: Node, text: string): boolean {
  return node.type === 'Literal' && node.value === text;
}
