import { uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { carriesIdToken, idTokenSchema, requireIdToken, requireSession } from '../sessions/route.ts';
import { approve } from './approve.ts';
import { listConsents } from './list.ts';
import { revoke, revokerByToken } from './revoke.ts';

const closed = { additionalProperties: false } as const;
const id = Type.String({ pattern: uuidv7Pattern });

export function consentRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  const session = requireSession(consumer);
  app.post(
    '/v1/consents',
    {
      schema: {
        tags,
        summary: 'Approve a request: the id_token has the nonce approve:<request>:<form digest>',
        body: Type.Object({ request: id, id_token: idTokenSchema }, closed),
      },
      preValidation: requireIdToken,
    },
    async (request, reply) => {
      const { request: asked, id_token: token } = request.body;
      return reply.code(201).send(await approve(consumer, asked, token));
    },
  );
  app.get(
    '/v1/consents',
    {
      schema: {
        tags,
        summary: 'My consents',
        querystring: Type.Object({ cursor: Type.Optional(id) }, closed),
      },
      onRequest: session,
    },
    async (request) => await listConsents(consumer, request.subjectRef, request.query.cursor),
  );
  app.post(
    '/v1/consents/:id/revocation',
    {
      schema: {
        tags,
        summary: 'Revoke a consent, by session or by an id_token with the nonce revoke:<consent>',
        params: Type.Object({ id }, closed),
        body: Type.Object({ id_token: Type.Optional(idTokenSchema) }, closed),
      },
      // A session needs no body.
      preValidation: async (request) => {
        if (!carriesIdToken(request.body)) await session(request);
        request.body ??= {};
      },
    },
    async (request) => {
      const token = request.body.id_token;
      const revoker =
        token === undefined
          ? { subjectRef: request.subjectRef }
          : await revokerByToken(consumer, request.params.id, token);
      return await revoke(consumer, request.params.id, revoker);
    },
  );
}
