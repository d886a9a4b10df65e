import { uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { listAccesses } from './service.ts';

const cursor = Type.Optional(Type.String({ pattern: uuidv7Pattern }));

export function accessRoutes(app: App, consumer: Consumer): void {
  app.get(
    '/v1/accesses',
    {
      schema: {
        tags: ['subject'],
        summary: 'Who asked about me, refusals too',
        querystring: Type.Object({ cursor }, { additionalProperties: false }),
      },
      onRequest: requireSession(consumer, 'read'),
    },
    async (request) => await listAccesses(consumer, request.subjectRefs, request.query.cursor),
  );
}
