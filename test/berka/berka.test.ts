import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BerkaResult, runBerka } from '@causeway/sandbox';
import { syntheticBerka } from '@causeway/sandbox/berka/synthetic-berka';
import { freePortBase } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectedCounts } from './independent-counts.ts';

const REAL = fileURLToPath(new URL('../../../shared/data/berka', import.meta.url));
const RUN_MS_MAX = 900_000;

let home: string;
let data: string;
let result: BerkaResult;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'causeway-berka-'));
  data = existsSync(REAL) ? REAL : await syntheticBerka(join(home, 'tables'));
  if (data !== REAL) process.stderr.write('the real tables are not here: running on a synthetic set\n');
  const portBase = await freePortBase();
  result = await runBerka({ home, data, portBase, fsync: false, onProgress: () => undefined });
}, RUN_MS_MAX);

afterAll(() => rmSync(home, { recursive: true, force: true }));

test('every island publishes every one of its lines', () => {
  expect(result.records).toEqual(expectedCounts(data).records);
});

test('each bureau answers about the people of its own table; union and intersection agree', () => {
  expect(result.subjects).toEqual(expectedCounts(data).subjects);
});

test('one inquiry for everybody known to some island, and every report is complete', () => {
  const { any } = expectedCounts(data).subjects;
  expect(result.inquiries).toBe(any);
  expect(result.complete).toBe(any);
});

test('the merge recognises exactly the debts that an independent join finds at two islands', () => {
  expect(result.same_debt).toBe(expectedCounts(data).sameDebt);
});
