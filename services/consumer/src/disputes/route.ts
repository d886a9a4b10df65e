import type { App } from '@causeway/service';
import { idempotencyKey } from '../consent-requests/idempotency.ts';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { openDispute } from './open-dispute.ts';
import { disputeBody, disputePage, disputeParams } from './schema.ts';
import { listDisputes, viewOfDispute } from './view.ts';
import { withdrawDispute } from './withdraw.ts';

/** Disputes for the subject whose session it is. */
export function disputeRoutes(app: App, consumer: Consumer): void {
  const onRequest = requireSession(consumer, 'dispute');
  const tags = ['subject'];
  app.post(
    '/v1/disputes',
    { onRequest, schema: { tags, summary: 'Say that an item at a bureau is wrong', body: disputeBody } },
    async (request, reply) => {
      const key = idempotencyKey(request.headers['idempotency-key']);
      const { acting, body, subjectRefs } = request;
      return reply.code(201).send(await openDispute(consumer, subjectRefs, key, body, acting));
    },
  );
  app.get(
    '/v1/disputes',
    { onRequest, schema: { tags, summary: 'My disputes', querystring: disputePage } },
    async (request) => await listDisputes(consumer, request.subjectRefs, request.query.cursor),
  );
  app.get(
    '/v1/disputes/:id',
    { onRequest, schema: { tags, summary: 'One of my disputes, step by step', params: disputeParams } },
    async (request) => await viewOfDispute(consumer, request.subjectRefs, request.params.id),
  );
  app.post(
    '/v1/disputes/:id/withdrawal',
    { onRequest, schema: { tags, summary: 'Take a dispute back', params: disputeParams } },
    async ({ acting, params, subjectRefs }) =>
      await withdrawDispute(consumer, subjectRefs, params.id, acting),
  );
}
