import { uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { idTokenSchema, requireIdToken, requireSession } from '../sessions/route.ts';
import { actorByToken } from '../subjects/actor.ts';
import { closeWindow, openingNonce, openWindow } from './windows.ts';

const closed = { additionalProperties: false } as const;
const params = Type.Object({ id: Type.String({ pattern: uuidv7Pattern }) }, closed);

/** For whom and how long: five minutes to a week. */
export const openingParts = {
  lender: Type.String({ pattern: '^[a-z][a-z0-9-]{1,38}$' }),
  minutes: Type.Integer({ minimum: 5, maximum: 10_080 }),
};

export function freezeWindowRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  app.post(
    '/v1/freezes/:id/windows',
    {
      schema: {
        tags,
        summary: 'Open a freeze for one lender and a time: nonce open:<freeze>:<lender>:<minutes>',
        params,
        body: Type.Object({ id_token: idTokenSchema, ...openingParts }, closed),
      },
      preValidation: requireIdToken,
    },
    async (request, reply) => {
      const { id } = request.params;
      const { id_token: token, ...opening } = request.body;
      const actor = await actorByToken(consumer, token, openingNonce(id, opening));
      return reply.code(201).send(await openWindow(consumer, id, opening, actor));
    },
  );
  app.post(
    '/v1/freeze-windows/:id/end',
    {
      schema: { tags, summary: 'End a window before its time', params },
      onRequest: requireSession(consumer),
    },
    async (request) => await closeWindow(consumer, request.subjectRefs, request.params.id),
  );
}
