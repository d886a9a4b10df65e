import { returnToSchema } from '@causeway/service/sign-in/sign-in-flow';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { localPath, placeOf } from '../../web/src/local-path.ts';

const served = Compile(returnToSchema);
const report = `sha-256%3A${'A'.repeat(43)}`;
const own = [
  ...['/', '/history', '/disputes', '/disputes/', '/console/batches', '/?a=b'],
  ...['/disputes?open=0199aaaa-0000-7000-8000-000000000001', `/disputes/new?bureau=central&report=${report}`],
];
const foreign = [
  ...['//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example'],
  ...['https://evil.example', 'javascript:alert(1)', 'history', '', '/a b', '/a//evil.example', '/..//evil'],
  ...['/%2F%2Fevil.example', '/%5cevil.example', '/%2e%2e//evil', '/@evil.example', '/a#//evil', '/a?b#c'],
  ...['/a?b=//evil', '/a?b=\\evil', '/a?b=%', '/a?b=%2', '/a?b=%zz', '/a\n', '/a?b=c\r\nset-cookie: x'],
  `/a?${'b'.repeat(400)}`,
];

test.each(own)('%j is a place of the portal, for the page and for the service', (path) => {
  expect(localPath(path)).toBe(path);
  expect(served.Check(path)).toBe(true);
});

test.each(foreign)('%j is none', (path) => {
  expect(localPath(path)).toBe('/');
  expect(served.Check(path)).toBe(false);
});

test('page and service agree about every text, and what they take stays with this origin', () => {
  const part = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    'a',
    'evil.example',
    '?',
    '%2F',
    '%',
    ':',
    '@',
    '#',
    '=',
    '\t',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 8 }).map((parts) => `/${parts.join('')}`),
  );
  fc.assert(
    fc.property(text, (path) => {
      const taken = served.Check(path);
      expect(localPath(path)).toBe(taken ? path : '/');
      // Whatever is refused comes to the first page, which is ours.
      expect(new URL(localPath(path), 'https://portal.example').origin).toBe('https://portal.example');
    }),
    { numRuns: 2000 },
  );
});

test('a query that cannot be taken along leaves the path', () => {
  expect(placeOf({ pathname: '/disputes', search: '?open=x' })).toBe('/disputes?open=x');
  expect(placeOf({ pathname: '/disputes', search: '?open=//x' })).toBe('/disputes');
  expect(placeOf({ pathname: '//evil', search: '?open=x' })).toBe('/');
});
