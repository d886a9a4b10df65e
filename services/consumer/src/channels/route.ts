import { uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { addChannel, confirmChannel, listChannels, removeChannel } from './service.ts';

const closed = { additionalProperties: false } as const;
const params = Type.Object({ id: Type.String({ pattern: uuidv7Pattern }) }, closed);
const channel = Type.Object(
  { kind: Type.Enum(['email', 'webhook']), target: Type.String({ minLength: 3, maxLength: 500 }) },
  closed,
);

/** Where a person wants to be told; each under their session. */
export function channelRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  const onRequest = requireSession(consumer);
  app.get(
    '/v1/channels',
    { schema: { tags, summary: 'Where I am told that something has happened' }, onRequest },
    async (request) => await listChannels(consumer, request.subjectRefs),
  );
  app.post(
    '/v1/channels',
    { schema: { tags, summary: 'Add an address; a code is sent to it', body: channel }, onRequest },
    async (request, reply) => {
      const made = await addChannel(consumer, request.subjectRefs[0] ?? '', request.body);
      return reply.code(201).send(made);
    },
  );
  app.post(
    '/v1/channels/:id/confirmation',
    {
      schema: {
        tags,
        summary: 'Confirm an address with its code',
        params,
        body: Type.Object({ code: Type.String({ pattern: '^[0-9]{8}$' }) }, closed),
      },
      onRequest,
    },
    async (request) => {
      const asked = { id: request.params.id, code: request.body.code };
      return await confirmChannel(consumer, request.subjectRefs[0] ?? '', asked);
    },
  );
  app.post(
    '/v1/channels/:id/removal',
    { schema: { tags, summary: 'Remove an address', params }, onRequest },
    async (request, reply) => {
      await removeChannel(consumer, request.subjectRefs[0] ?? '', request.params.id);
      return reply.code(204).send();
    },
  );
}
