import { uuidv7Pattern } from '@causeway/kernel';
import { assertionSchema } from '@causeway/protocol/passkey-assertion';
import { credentialIdSchema } from '@causeway/protocol/passkey-key';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { subjectOfSession } from '../sessions/service.ts';
import { acceptHandover, handoverOptions } from './hand-over.ts';
import { listPasskeys } from './list.ts';
import { beginRegistration, completeRegistration } from './register.ts';

const closed = { additionalProperties: false } as const;
const params = Type.Object({ id: Type.String({ pattern: uuidv7Pattern }) }, closed);
const part = (charactersMax: number) =>
  Type.String({ pattern: `^[A-Za-z0-9_-]{2,${String(charactersMax)}}$` });
const madeCredential = Type.Object(
  { credential_id: credentialIdSchema, client_data: part(4096), attestation: part(16_384) },
  closed,
);

/**
 * A person's passkeys. A credential that a browser makes under a session is nobody's yet: the sign-in that
 * follows (`POST /v1/step-ups`, act `enrol`) makes it theirs.
 */
export function passkeyRoutes(app: App, consumer: Consumer): void {
  const tags = ['passkeys'];
  const session = { onRequest: requireSession(consumer) };
  app.get(
    '/v1/passkeys',
    { ...session, schema: { tags, summary: 'My passkeys' } },
    async (request) => await listPasskeys(consumer, request.subjectRefs),
  );
  app.post(
    '/v1/passkey-registrations',
    { ...session, schema: { tags, summary: 'Begin to add a passkey', body: Type.Object({}, closed) } },
    async (request, reply) =>
      reply.code(201).send(await beginRegistration(consumer, await subjectOfSession(consumer, request))),
  );
  app.post(
    '/v1/passkey-registrations/:id/credential',
    {
      ...session,
      schema: {
        tags,
        summary: 'The credential that the browser made; sign in for the act enrol next',
        params,
        body: madeCredential,
      },
    },
    async (request) => {
      const made = { id: request.params.id, ...request.body };
      return await completeRegistration(consumer, await subjectOfSession(consumer, request), made);
    },
  );
  app.get(
    '/v1/passkeys/:id/handover',
    { ...session, schema: { tags, summary: 'What the passkey in force is asked to sign', params } },
    async (request) => await handoverOptions(consumer, request.subjectRefs, request.params.id),
  );
  app.post(
    '/v1/passkeys/:id/handover',
    {
      ...session,
      schema: {
        tags,
        summary: 'The passkey in force signs for one that waits',
        params,
        body: Type.Object({ assertion: assertionSchema }, closed),
      },
    },
    async (request, reply) => {
      const { assertion } = request.body;
      await acceptHandover(consumer, request.subjectRefs, { id: request.params.id, assertion });
      return reply.code(204).send();
    },
  );
}
