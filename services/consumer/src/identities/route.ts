import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { idTokenSchema, requireIdToken, requireSession } from '../sessions/route.ts';
import { linkIdentity, listIdentities, requestLink } from './link.ts';

const body = Type.Object({ id_token: idTokenSchema }, { additionalProperties: false });

/**
 * Linking takes both identities' sign-in for the same link: `link:<uuid>` is the nonce of either token. The
 * session alone, or the other identity's token alone, links nothing.
 */
export function identityRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  const session = requireSession(consumer);
  app.post(
    '/v1/link-requests',
    {
      schema: { tags, summary: 'Ask to link another identity: nonce link:<uuid>, of your choice', body },
      preValidation: requireIdToken,
    },
    async (request, reply) => reply.code(201).send(await requestLink(consumer, request.body.id_token)),
  );
  app.post(
    '/v1/identities',
    {
      schema: { tags, summary: 'Link the other identity, whose id_token has the same nonce', body },
      onRequest: session,
      preValidation: requireIdToken,
    },
    async (request, reply) => {
      const [sessionRef = ''] = request.subjectRefs;
      return reply.code(201).send(await linkIdentity(consumer, sessionRef, request.body.id_token));
    },
  );
  app.get(
    '/v1/identities',
    { schema: { tags, summary: 'My linked identities' }, onRequest: session },
    async (request) => await listIdentities(consumer, request.subjectRefs),
  );
}
