import { limits } from '@causeway/kernel';
import { categoriesSchema, digestSchema } from '@causeway/protocol/claim-types';
import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { takeHandling } from './take-handling.ts';

const body = Type.Object(
  {
    handling: Type.String({ maxLength: limits.statementBytesMax }),
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })),
    recipients: Type.Optional(Type.Array(digestSchema, { minItems: 1, maxItems: 1000, uniqueItems: true })),
    categories: Type.Optional(categoriesSchema),
  },
  { additionalProperties: false },
);

/** `POST /v1/handlings` on the federation listener: a bureau's steps with the disputes that it was sent. */
export function handlingRoute(app: App, consumer: Consumer): void {
  app.post('/v1/handlings', { schema: { tags: ['federation'], body } }, async (request) => {
    if (!consumer.directory().member(request.peer)?.roles.includes('bureau'))
      throw new CausewayError('role_not_permitted');
    return await takeHandling(consumer, request.body, request.peer);
  });
}
