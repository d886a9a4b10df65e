import { systemClock, systemRandom } from '@causeway/kernel';
import { nativeKinds, type NativeKind } from '@causeway/sandbox/natives/holdings';
import { startNatives } from '@causeway/sandbox/natives/start-natives';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { hostedSource } from './hosted/read.ts';
import { openSource } from './open-source.ts';

const parts = { clock: systemClock, random: systemRandom };
const started: (() => Promise<void>)[] = [];
const settings = new Map<string, string>();
let home: string;

const bureau = (speaks: NativeKind) => ({
  ...({ id: speaks, role: 'bureau', legalName: '', legalNameZh: '', class: 'A', speaks } as const),
});

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'causeway-sources-'));
  const running = await startNatives(home, nativeKinds.map(bureau), started);
  for (const [id, { settingsFile }] of running) settings.set(id, await readFile(settingsFile, 'utf8'));
});
afterAll(async () => {
  await Promise.all(started.map((stop) => stop()));
  await rm(home, { recursive: true });
});

describe('the settings of a source', () => {
  test('none mean the bureau’s own store', () => {
    expect(openSource(undefined, parts)).toBe(hostedSource);
  });

  test.each([...nativeKinds])('those of the sandbox’s %s open it', async (kind) => {
    const source = openSource(settings.get(kind), parts);
    expect(source).toMatchObject({ kind: 'native', name: kind });
    if (source.kind === 'native') await source.close();
  });

  test.each([...nativeKinds])('an unknown member beside those of %s stops the start', (kind) => {
    const changed = { ...(JSON.parse(settings.get(kind) ?? '') as object), extra: 'value-of-it' };
    expect(() => openSource(JSON.stringify(changed), parts)).toThrow(/^CAUSEWAY_SOURCE(?!.*value-of-it)/u);
  });

  test.each([
    ['no JSON', '{', /not a JSON object/u],
    ['no object', '[]', /"source" is one of/u],
    ['another kind', '{"source":"other"}', /"source" is one of/u],
    ['a name of every object', '{"source":"constructor"}', /"source" is one of/u],
    ['a notice that is no name', '{"source":"xiaomi","notice_id":7}', /notice_id must be/u],
  ])('%s stops the start', (_what, text, reason) => {
    expect(() => openSource(text, parts)).toThrow(reason);
  });
});
