import { uuidv7Pattern } from '@causeway/kernel';
import { signedActSchema } from '@causeway/protocol';
import { exact } from '@causeway/protocol/claim-types';
import type { App } from '@causeway/service';
import { requireAct } from '@causeway/service/officers';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { offerCode } from './authorise.ts';
import { endMandate } from './end.ts';
import { recordGuardianship } from './guardianship.ts';
import { listMandates } from './list.ts';
import { nameSchema } from './schema.ts';

/** Who may act for whom; each under their own session, and never under a mandate. */
export function mandateRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  const onRequest = requireSession(consumer);
  app.get(
    '/v1/mandates',
    { onRequest, schema: { tags, summary: 'Who may act for me, and for whom I may' } },
    async (request) => await listMandates(consumer, request.subjectRefs),
  );
  app.post(
    '/v1/mandate-codes',
    {
      onRequest,
      schema: {
        tags,
        summary: 'A code to show to who lets me act for them',
        body: exact({ name: nameSchema }),
      },
    },
    async (request, reply) => {
      const made = await offerCode(consumer, request.subjectRefs[0] ?? '', request.body.name);
      return reply.code(201).send(made);
    },
  );
  const params = exact({ id: Type.String({ pattern: uuidv7Pattern }) });
  app.post(
    '/v1/mandates/:id/end',
    { onRequest, schema: { tags, summary: 'End that somebody acts for me, or I for them', params } },
    async (request, reply) => {
      await endMandate(consumer, request.subjectRefs, request.params.id);
      return reply.code(204).send();
    },
  );
  app.post(
    '/v1/guardianships',
    {
      preValidation: requireAct,
      schema: {
        tags: ['officers'],
        summary: 'Two officers record or end a guardianship',
        body: exact({ act: signedActSchema }),
      },
    },
    async (request, reply) => reply.code(201).send(await recordGuardianship(consumer, request.body.act)),
  );
}
