import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { remindersStopped, stopReminders } from './repository.ts';

/**
 * Whether the person is recalled of standing consents every 90 days. Switching that off stops no consent, and
 * withdrawing one takes no more steps than before.
 */
export function reminderRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  const onRequest = requireSession(consumer);
  const view = async (refs: readonly string[]) => {
    const sinceMs = await remindersStopped(consumer.db, refs);
    return sinceMs === null ? { on: true } : { on: false, since: new Date(sinceMs).toISOString() };
  };
  app.get(
    '/v1/reminders',
    { schema: { tags, summary: 'Whether I am recalled of standing consents' }, onRequest },
    async (request) => await view(request.subjectRefs),
  );
  app.post(
    '/v1/reminders',
    {
      schema: {
        tags,
        summary: 'Have reminders of standing consents, or none',
        body: Type.Object({ on: Type.Boolean() }, { additionalProperties: false }),
      },
      onRequest,
    },
    async (request) => {
      const sinceMs = request.body.on ? null : consumer.clock.now();
      await stopReminders(consumer.db, request.subjectRefs, sinceMs);
      // A crash here loses only the answer: the page reads it anew.
      return await view(request.subjectRefs);
    },
  );
}
