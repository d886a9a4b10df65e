import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encodeStrict } from '@causeway/records/encodings';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { freePortBase } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'causeway-demo-'));
let stdout: string;
let result: Record<string, unknown>;

beforeAll(async () => {
  ({ stdout } = await promisify(execFile)(process.execPath, [
    ...[CLI, 'demo', '--json', '--home', home],
    ...['--port-base', String(await freePortBase())],
  ]));
  result = JSON.parse(stdout) as Record<string, unknown>;
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

test('the demo prints one JSON object and nothing else on standard output', () => {
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(Object.keys(result).toSorted()).toEqual(
    [
      'first_report_ms',
      'inquiries',
      'reports',
      'partial',
      'refusals',
      'accesses',
      'proof_verified',
      'bundle_verified',
      'tampered_bundle_rejected',
      'portal',
    ].toSorted(),
  );
});

test('three inquiries are answered, one of them partially, because a bureau was stopped', () => {
  expect(result).toMatchObject({ inquiries: 6, reports: 3, partial: 1 });
});

test('refused, each with its reason: no consent, a revoked consent, a revoked key', () => {
  expect(result['refusals']).toEqual({ not_authorised: 1, consent_revoked: 1, key_revoked: 1 });
});

test('the person sees every one of the five attempts on her', () => {
  expect(result['accesses']).toBe(5);
});

test('one line of her history is proven to be in a ledger that witnesses have seen', () => {
  expect(result['proof_verified']).toBe(true);
});

test('the evidence verifies offline and a flipped byte is rejected', () => {
  expect(result).toMatchObject({ bundle_verified: true, tampered_bundle_rejected: true });
});

test('it tells where the person sees it herself', () => {
  expect(result['portal']).toMatch(/^http:\/\/localhost:[0-9]+\/history$/u);
});

test('S98 her name and number are in no file of any node: not in a table, a write-ahead log or a log', () => {
  const { identifier, name } = sandboxSubject('li-na');
  const marks = [
    Buffer.from(name),
    Buffer.from(encodeStrict(name, 'gb18030')),
    Buffer.from(identifier.value),
  ];
  expect(filesWith(marks)).toEqual([]);
  // What does lie there is found.
  expect(filesWith([Buffer.from('abc-bank')]).length).toBeGreaterThan(1);
});

test('S34 nor is a private key', () => {
  const keys = filesIn(join(home, 'keys'));
  const secrets = [
    ...keys.filter((file) => file.endsWith('.jwk')).map((file) => Buffer.from(privatePart(file))),
    ...keys.filter((file) => file.endsWith('.key')).map((file) => readFileSync(file)),
  ];
  expect(secrets.length).toBeGreaterThan(20);
  expect(filesWith(secrets)).toEqual([]);
});

const privatePart = (file: string): string => {
  const { d } = JSON.parse(readFileSync(file, 'utf8')) as { d: string };
  return d;
};

/** What the nodes themselves have written. */
function filesWith(marks: readonly Buffer[]): string[] {
  return ['logs', 'postgres', 'spool']
    .flatMap((folder) => filesIn(join(home, folder)))
    .filter((file) => {
      const bytes = readFileSync(file);
      return marks.some((mark) => bytes.includes(mark));
    });
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name));
