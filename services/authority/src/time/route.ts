import type { Clock } from '@causeway/kernel';
import type { App } from '@causeway/service/app';

/** The federation's time, by which nodes judge their own clocks. Milliseconds since the epoch. */
export function timeRoute(app: App, clock: Clock): void {
  app.get('/v1/time', { schema: { tags: ['time'] } }, async () => ({ now_ms: clock.now() }));
}
