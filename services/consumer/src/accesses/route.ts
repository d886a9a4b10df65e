import { uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { subjectOfSession } from '../sessions/service.ts';
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
    },
    async (request) => {
      const subject = await subjectOfSession(consumer, request.headers.authorization);
      return await listAccesses(consumer, subject, request.query.cursor);
    },
  );
}
