import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { openSession } from './service.ts';

/** The body of every act that an id_token authorises by itself. */
export const idTokenSchema = Type.String({ minLength: 1, maxLength: 8192 });

export function sessionRoutes(app: App, consumer: Consumer): void {
  app.post(
    '/v1/sessions',
    {
      schema: {
        tags: ['subject'],
        summary: 'Sign in: the id_token has the nonce session:<uuid>',
        body: Type.Object({ id_token: idTokenSchema }, { additionalProperties: false }),
      },
    },
    async (request, reply) => reply.code(201).send(await openSession(consumer, request.body.id_token)),
  );
}
