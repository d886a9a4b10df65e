import { uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { actorOf, idTokenSchema, requireIdToken, requireSession, sessionOrToken } from '../sessions/route.ts';
import { actorUnder, nonceFor } from '../mandates/acting.ts';
import { freeze, listFreezes, thaw } from './service.ts';

const closed = { additionalProperties: false } as const;
const params = Type.Object({ id: Type.String({ pattern: uuidv7Pattern }) }, closed);
const optionalToken = Type.Object({ id_token: Type.Optional(idTokenSchema) }, closed);
const mandate = Type.Optional(Type.String({ pattern: uuidv7Pattern }));
const token = Type.Object({ id_token: idTokenSchema, mandate }, closed);

export function freezeRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  app.post(
    '/v1/freezes',
    {
      schema: {
        tags,
        summary: 'Freeze all access, by session or by an id_token with the nonce freeze:<uuid>',
        body: optionalToken,
      },
      preValidation: sessionOrToken(consumer, 'freeze'),
    },
    async (request, reply) => {
      const actor = await actorOf(consumer, request, /^freeze:[0-9a-f-]{36}$/u);
      return reply.code(201).send(await freeze(consumer, actor));
    },
  );
  app.get(
    '/v1/freezes',
    { schema: { tags, summary: 'My freezes' }, onRequest: requireSession(consumer, 'read') },
    async (request) => await listFreezes(consumer, request.subjectRefs),
  );
  app.post(
    '/v1/freezes/:id/thaw',
    {
      schema: {
        tags,
        summary: 'Lift a freeze: the id_token has the nonce thaw:<freeze>; a session is not enough',
        params,
        body: token,
      },
      preValidation: requireIdToken,
    },
    async (request) => {
      const { id } = request.params;
      const { id_token, mandate: under } = request.body;
      const nonce = nonceFor(`thaw:${id}`, under);
      const actor = await actorUnder(consumer, id_token, nonce, { mandate: under, power: 'freeze' });
      return await thaw(consumer, id, actor);
    },
  );
}
