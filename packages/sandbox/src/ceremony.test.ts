import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdCeremony } from './ceremony.ts';
import { portsOf } from './plan.ts';

test('the folder of an earlier version is refused by name, and nothing in it is changed', async () => {
  const home = mkdtempSync(join(tmpdir(), 'causeway-ceremony-'));
  const founded = { fed: 'sandbox', anchor: 'sha-256:x', authorityDir: join(home, 'keys', 'authority') };
  writeFileSync(join(home, 'ceremony.json'), JSON.stringify(founded));
  await expect(holdCeremony(home, 'sandbox', portsOf(20_000, []))).rejects.toThrow(
    `${home} holds a federation of an earlier version; remove it`,
  );
  expect(readdirSync(home)).toEqual(['ceremony.json']);
  rmSync(home, { recursive: true });
});
