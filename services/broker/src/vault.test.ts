import { systemRandom } from '@causeway/kernel';
import { expect, test } from 'vitest';

import { Vault } from './vault.ts';

const sealed = /^internal/u;
const vault = new Vault(new Uint8Array(32).fill(1), systemRandom);

test('what an inquiry seals opens again after its key was stored', () => {
  const seal = vault.create('a.bank');
  const box = seal.seal('report/1', 'text');
  expect(vault.unlock('a.bank', seal.wrapped).open('report/1', box)).toBe('text');
});

test('a box does not open elsewhere, under another key, or with one bit changed', () => {
  const seal = vault.create('a.bank');
  const box = seal.seal('report/1', 'text');
  expect(() => seal.open('report/2', box)).toThrow(sealed);
  expect(() => vault.create('b.bank').open('report/1', box)).toThrow(sealed);
  expect(() => vault.unlock('b.bank', seal.wrapped)).toThrow(sealed);
  expect(() => new Vault(new Uint8Array(32).fill(2), systemRandom).unlock('a.bank', seal.wrapped)).toThrow(
    sealed,
  );
  const changed = Buffer.from(box);
  changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1;
  expect(() => seal.open('report/1', changed)).toThrow(sealed);
});
