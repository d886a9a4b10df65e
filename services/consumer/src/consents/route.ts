import { uuidv7Pattern } from '@causeway/kernel';
import { digestPattern } from '@causeway/protocol';
import { assertionSchema } from '@causeway/protocol/passkey-assertion';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { actorOf, idTokenSchema, requireIdToken, requireSession, sessionOrToken } from '../sessions/route.ts';
import { approveByPasskey } from './approve-by-passkey.ts';
import { approve } from './approve.ts';
import { composeConsent } from './document.ts';
import { listConsents } from './list.ts';
import { actOnConsent, type ConsentAction } from './stop-consent.ts';

const closed = { additionalProperties: false } as const;
const id = Type.String({ pattern: uuidv7Pattern });
const document = Type.String({ pattern: '^[A-Za-z0-9_-]{1,120000}$' });

export function consentRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  const session = requireSession(consumer, 'read');
  app.post(
    '/v1/consents',
    {
      schema: {
        tags,
        summary: 'Approve a request: the id_token has the nonce approve:<request>:<form digest>',
        body: Type.Object({ request: id, id_token: idTokenSchema, mandate: Type.Optional(id) }, closed),
      },
      preValidation: requireIdToken,
    },
    async (request, reply) => {
      const { request: asked, id_token: token, mandate } = request.body;
      return reply.code(201).send(await approve(consumer, asked, token, mandate));
    },
  );
  approvalRoutes(app, consumer);
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
        preValidation: sessionOrToken(consumer, 'consent'),
      },
      async (request) => {
        const actor = await actorOf(consumer, request, `${action}:${request.params.id}`);
        return await actOnConsent(consumer, { action, id: request.params.id }, actor);
      },
    );
  }
}

/** By passkey: first the document, whose digest the passkey signs, then its approval. */
function approvalRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  const session = { onRequest: requireSession(consumer) };
  const params = Type.Object({ id }, closed);
  app.post(
    '/v1/consent-requests/:id/document',
    {
      ...session,
      schema: {
        tags,
        summary: 'The consent as it will be signed, for the passkey in force to agree to',
        params,
        body: Type.Object({ form_digest: Type.String({ pattern: digestPattern }) }, closed),
      },
    },
    async (request) => {
      const { form_digest } = request.body;
      return await composeConsent(consumer, request.subjectRefs, { request: request.params.id, form_digest });
    },
  );
  app.post(
    '/v1/consent-requests/:id/approval',
    {
      ...session,
      schema: {
        tags,
        summary: 'Approve a request with the passkey in force',
        params,
        body: Type.Object({ document, assertion: assertionSchema }, closed),
      },
    },
    async (request, reply) => {
      const { body, params: asked, subjectRefs } = request;
      return reply.code(201).send(await approveByPasskey(consumer, subjectRefs, asked.id, body));
    },
  );
}

/** Withdrawing, for a time or for good, takes one call, as giving does. */
const acts: readonly (readonly [ConsentAction, string, string])[] = [
  ['revoke', 'revocation', 'Revoke a consent for good'],
  ['pause', 'pause', 'Pause a consent'],
  ['resume', 'resumption', 'Resume a paused consent'],
];
