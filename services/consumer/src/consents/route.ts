import { uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { actorOf, idTokenSchema, requireIdToken, requireSession, sessionOrToken } from '../sessions/route.ts';
import { approve } from './approve.ts';
import { listConsents } from './list.ts';
import { actOnConsent, type ConsentAction } from './stop-consent.ts';

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
    async (request) => await listConsents(consumer, request.subjectRefs, request.query.cursor),
  );
  for (const [action, path, what] of acts) {
    app.post(
      `/v1/consents/:id/${path}`,
      {
        schema: {
          tags,
          summary: `${what}, by session or by an id_token with the nonce ${action}:<consent>`,
          params: Type.Object({ id }, closed),
          body: Type.Object({ id_token: Type.Optional(idTokenSchema) }, closed),
        },
        preValidation: sessionOrToken(consumer),
      },
      async (request) => {
        const actor = await actorOf(consumer, request, `${action}:${request.params.id}`);
        return await actOnConsent(consumer, { action, id: request.params.id }, actor);
      },
    );
  }
}

/** Withdrawing, for a time or for good, takes one call, as giving does. */
const acts: readonly (readonly [ConsentAction, string, string])[] = [
  ['revoke', 'revocation', 'Revoke a consent for good'],
  ['pause', 'pause', 'Pause a consent'],
  ['resume', 'resumption', 'Resume a paused consent'],
];
