import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '@causeway/kernel/system';
import { canaryUnder } from '@causeway/protocol/blind-batch';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readReferences } from '../directory/signing-folder.ts';
import { dropEpoch, makeEpoch, useEpoch } from './epochs.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'causeway-epochs-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const keyFile = (name: string): string => join(dir, 'blind-evaluator', name);
const published = () => readReferences(readFileSync(join(dir, 'directory-signer/references.json'), 'utf8'));

test('the first epoch is current at once, with the canary of its key', () => {
  const { current, epochs } = makeEpoch(dir, systemRandom);
  const key = Buffer.from(readFileSync(keyFile('oprf.key'), 'utf8'), 'base64url');
  expect([current, epochs]).toEqual(['1', [{ epoch: '1', canary: canaryUnder(key, systemRandom) }]]);
  expect(published()).toEqual({ current, epochs });
  expect(statSync(keyFile('oprf.key')).mode & 0o077).toBe(0);
});

test('a re-key: beside the old one, then instead of it, then alone, and its number never again', () => {
  makeEpoch(dir, systemRandom);
  expect(makeEpoch(dir, systemRandom)).toMatchObject({ current: '1', epochs: [{}, { epoch: '2' }] });
  expect(useEpoch(dir, '2').current).toBe('2');
  expect(dropEpoch(dir, '1')).toMatchObject({ current: '2', epochs: [{ epoch: '2' }] });
  expect([existsSync(keyFile('oprf.key')), existsSync(keyFile('oprf-2.key'))]).toEqual([false, true]);
  expect(makeEpoch(dir, systemRandom).epochs.map(({ epoch }) => epoch)).toEqual(['2', '3']);
  dropEpoch(dir, '3');
  expect(makeEpoch(dir, systemRandom).epochs.map(({ epoch }) => epoch)).toEqual(['2', '4']);
});

test('a third epoch, one that is not published, and the end of the one in use are refused', () => {
  makeEpoch(dir, systemRandom);
  expect(() => useEpoch(dir, '2')).toThrow('not published');
  expect(() => dropEpoch(dir, '1')).toThrow('in use');
  makeEpoch(dir, systemRandom);
  const before = published();
  expect(() => makeEpoch(dir, systemRandom)).toThrow('Two epochs');
  expect(() => dropEpoch(dir, '3')).toThrow('not published');
  expect(published()).toEqual(before);
});

test('a federation founded before there were epochs keeps its key as the first one', () => {
  makeEpoch(dir, systemRandom);
  const before = published();
  rmSync(join(dir, 'directory-signer/references.json'));
  expect(makeEpoch(dir, systemRandom)).toEqual(before);
});
