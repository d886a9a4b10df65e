import { systemRandom } from '@causeway/kernel';
import { expect, test } from 'vitest';

import { Vault } from './vault.ts';

const sealed = /^internal/u;
const vault = new Vault(systemRandom);
const key = { life: '019a8f00-0000-7000-8000-000000000001', bytes: new Uint8Array(32).fill(1) };

test('what an inquiry seals opens again after its key was stored', () => {
  const seal = vault.create('a.bank', key);
  const box = seal.seal('report/1', 'text');
  expect(seal.life).toBe(key.life);
  expect(vault.unlock('a.bank', seal.wrapped, key).open('report/1', box)).toBe('text');
});

test('a box does not open elsewhere, under another key or in another life, or with one bit changed', () => {
  const seal = vault.create('a.bank', key);
  const box = seal.seal('report/1', 'text');
  expect(() => seal.open('report/2', box)).toThrow(sealed);
  expect(() => vault.create('b.bank', key).open('report/1', box)).toThrow(sealed);
  expect(() => vault.unlock('b.bank', seal.wrapped, key)).toThrow(sealed);
  const others = [{ bytes: new Uint8Array(32).fill(2) }, { life: key.life.replace('1', '2') }];
  for (const other of others) {
    expect(() => vault.unlock('a.bank', seal.wrapped, { ...key, ...other })).toThrow(sealed);
  }
  const changed = Buffer.from(box);
  changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1;
  expect(() => seal.open('report/1', changed)).toThrow(sealed);
});
