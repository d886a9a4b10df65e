import { uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import { assistedConsentRoutes } from '../assisted-consents/route.ts';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { idempotencyKey } from './idempotency.ts';
import { chooseParts } from './choose.ts';
import { requestProvision } from './provision.ts';
import { choiceBody, consentRequestBody, provisionRequestBody } from './schema.ts';
import { listRequests, readRequest, rejectRequest, requestConsent } from './service.ts';

const params = Type.Object({ id: Type.String({ pattern: uuidv7Pattern }) }, { additionalProperties: false });

export function consentRequestRoutes(app: App, consumer: Consumer): void {
  const subject = { onRequest: requireSession(consumer, 'consent') };
  const lender = { onRequest: app.requireToken('consent.request') };
  assistedConsentRoutes(app, consumer);
  app.post(
    '/v1/consent-requests',
    {
      ...lender,
      schema: { tags: ['lender'], summary: 'Ask a subject for a consent', body: consentRequestBody },
    },
    async (request, reply) => {
      const key = idempotencyKey(request.headers['idempotency-key']);
      const caller = { lender: request.caller.member, key };
      return reply.code(201).send(await requestConsent(consumer, caller, request.body));
    },
  );
  app.post(
    '/v1/provision-requests',
    {
      ...lender,
      schema: {
        tags: ['lender'],
        summary: 'Ask a subject to let data be given to bureaus',
        body: provisionRequestBody,
      },
    },
    async (request, reply) => {
      const key = idempotencyKey(request.headers['idempotency-key']);
      const caller = { lender: request.caller.member, key };
      return reply.code(201).send(await requestProvision(consumer, caller, request.body));
    },
  );
  app.get(
    '/v1/consent-requests/:id',
    { ...lender, schema: { tags: ['lender'], summary: "A lender's own request, and the consent", params } },
    async (request) => await readRequest(consumer, request.caller.member, request.params.id),
  );
  app.get(
    '/v1/consent-requests',
    { ...subject, schema: { tags: ['subject'], summary: 'What waits for my answer' } },
    async (request) => await listRequests(consumer, request.subjectRefs, request.acting),
  );
  app.post(
    '/v1/consent-requests/:id/choice',
    {
      ...subject,
      schema: { tags: ['subject'], summary: 'Leave out what is optional', params, body: choiceBody },
    },
    async (request) =>
      await chooseParts(
        consumer,
        request.subjectRefs,
        { id: request.params.id, choice: request.body },
        request.acting,
      ),
  );
  app.post(
    '/v1/consent-requests/:id/rejection',
    { ...subject, schema: { tags: ['subject'], summary: 'Say no to a request', params } },
    async (request) => await rejectRequest(consumer, request.subjectRefs, request.params.id, request.acting),
  );
}
