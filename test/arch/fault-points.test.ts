import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultPoints } from '@causeway/kernel';
import { expect, test } from 'vitest';
import { filesMatching, isTest, ROOT } from './source-files.ts';

const product = filesMatching(/^(packages\/member|services\/[a-z]+)\/src\/.*\.ts$/).filter(
  ({ path }) => !isTest(path),
);
const placed = pointsIn(product.map(({ text }) => text).join('\n'));
const explained = readFileSync(join(ROOT, 'docs/crash-points.md'), 'utf8').matchAll(/\| `([a-z-]+)` \|/g);

test('every named point stands in the code, and nothing stands there that is not named', () => {
  expect(new Set(placed)).toEqual(new Set(faultPoints));
  expect(pointsIn("await x.faults.at('nowhere');")).toEqual(['nowhere']);
});

test('docs/crash-points.md says what must hold at each of them', () => {
  expect(new Set([...explained].map(([, point]) => point))).toEqual(new Set(faultPoints));
});

function pointsIn(text: string): string[] {
  return [...text.matchAll(/\bfaults\.at\('([a-z-]+)'\)/g)].map(([, point]) => point ?? '');
}
