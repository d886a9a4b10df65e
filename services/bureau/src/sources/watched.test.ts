import { expect, test } from 'vitest';

import type { NativeSource, SourceHealth } from './source.ts';
import { watchedHealth } from './watched.ts';

const source = (health: () => Promise<SourceHealth>): NativeSource => ({
  ...{ kind: 'native', name: 'one', close: async () => undefined, health },
  find: async () => ({ known: false, records: [], notes: [] }),
});
const clock = { ms: 0, now: () => 0, monotonic: () => clock.ms };

test('whoever polls does not poll the native system: it is asked once in ten seconds', async () => {
  let asked = 0;
  const health = watchedHealth(
    source(async () => ({ ok: (asked += 1) > 1, detail: 'answers' })),
    clock,
  );
  await Promise.all([health(), health()]);
  expect(await health()).toEqual({ ok: false, detail: 'answers' });
  clock.ms += 10_000;
  expect(await health()).toEqual({ ok: true, detail: 'answers' });
  expect(asked).toBe(2);
});

test('a native system that throws, or says nothing, is not well', async () => {
  const broken = watchedHealth(
    source(() => Promise.reject(new Error('x'))),
    clock,
  );
  expect(await broken()).toEqual({ ok: false, detail: 'cannot be asked' });
  const silent = watchedHealth(
    source(() => new Promise(() => undefined)),
    clock,
  );
  expect(await silent()).toEqual({ ok: false, detail: 'does not answer in time' });
});
