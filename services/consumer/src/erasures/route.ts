import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { idTokenSchema, requireIdToken, requireSession } from '../sessions/route.ts';
import { actorByToken } from '../subjects/actor.ts';
import { askErasure, eraseNonce, withdrawErasure } from './ask.ts';
import { viewErasure } from './view.ts';

const body = Type.Object({ id_token: idTokenSchema }, { additionalProperties: false });

/** A person wants to be erased, looks where that stands, and takes it back. */
export function erasureRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  app.post(
    '/v1/erasure',
    {
      schema: {
        tags,
        summary: `Erase me: the id_token has the nonce ${eraseNonce}; a session is not enough`,
        body,
      },
      preValidation: requireIdToken,
    },
    async (request, reply) => {
      const actor = await actorByToken(consumer, request.body.id_token, eraseNonce);
      return reply.code(201).send(await askErasure(consumer, actor));
    },
  );
  app.get(
    '/v1/erasure',
    {
      schema: { tags, summary: 'Where my erasure stands, or what it would come to' },
      onRequest: requireSession(consumer),
    },
    async (request) => await viewErasure(consumer, request.subjectRefs),
  );
  app.delete(
    '/v1/erasure',
    {
      schema: { tags, summary: 'Take the wish back, as long as nothing is destroyed' },
      onRequest: requireSession(consumer),
    },
    async (request) => await withdrawErasure(consumer, request.subjectRefs),
  );
}
