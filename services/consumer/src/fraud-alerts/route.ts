import { uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { idTokenSchema, requireIdToken, requireSession } from '../sessions/route.ts';
import { actorByToken } from '../subjects/actor.ts';
import { endAlert, listAlerts, placeAlert } from './service.ts';

const closed = { additionalProperties: false } as const;
const alert = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 200 }),
    days: Type.Integer({ minimum: 1, maximum: 366 }),
  },
  closed,
);

/** Placing takes a session; ending takes a sign-in for it, as lifting a freeze does. */
export function fraudAlertRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  const onRequest = requireSession(consumer);
  app.get(
    '/v1/fraud-alerts',
    { schema: { tags, summary: 'My words for lenders' }, onRequest },
    async (request) => await listAlerts(consumer, request.subjectRefs),
  );
  app.post(
    '/v1/fraud-alerts',
    { schema: { tags, summary: 'Warn lenders that somebody may act in my name', body: alert }, onRequest },
    async (request, reply) => {
      const placed = await placeAlert(consumer, request.subjectRefs[0] ?? '', request.body);
      return reply.code(201).send(placed);
    },
  );
  app.post(
    '/v1/fraud-alerts/:id/end',
    {
      schema: {
        tags,
        summary: 'End an alert: the id_token has the nonce end-alert:<alert>',
        params: Type.Object({ id: Type.String({ pattern: uuidv7Pattern }) }, closed),
        body: Type.Object({ id_token: idTokenSchema }, closed),
      },
      preValidation: requireIdToken,
    },
    async (request) => {
      const { id } = request.params;
      const actor = await actorByToken(consumer, request.body.id_token, `end-alert:${id}`);
      return await endAlert(consumer, id, actor);
    },
  );
}
