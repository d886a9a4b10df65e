import type { Clock } from '@causeway/kernel';

import type { NativeSource, SourceHealth } from './source.ts';

/** Whoever polls `/readyz` does not poll the native system. */
const keptMs = 10_000;
const healthMsMax = 1500;

/** A native system's health, asked for at most once in ten seconds; silence is an answer, too. */
export function watchedHealth(source: NativeSource, clock: Clock): () => Promise<SourceHealth> {
  let last: { readonly atMs: number; readonly health: Promise<SourceHealth> } | undefined;
  return async () => {
    if (last === undefined || clock.monotonic() - last.atMs >= keptMs) {
      last = { atMs: clock.monotonic(), health: inTime(source) };
    }
    return await last.health;
  };
}

async function inTime(source: NativeSource): Promise<SourceHealth> {
  const { promise: late, resolve } = Promise.withResolvers<SourceHealth>();
  const timer = setTimeout(() => resolve({ ok: false, detail: 'does not answer in time' }), healthMsMax);
  try {
    return await Promise.race([source.health(), late]);
  } catch {
    return { ok: false, detail: 'cannot be asked' };
  } finally {
    clearTimeout(timer);
  }
}
