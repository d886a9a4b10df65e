import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { listReceipts, readReceipt } from './service.ts';

const closed = { additionalProperties: false } as const;
const id = Type.String({ pattern: '^[a-z_]{4,8}(-[0-9]{1,4})?\\.[A-Za-z0-9_-]{36,43}$' });

export function receiptRoutes(app: App, consumer: Consumer): void {
  const tags = ['subject'];
  const onRequest = requireSession(consumer, 'read');
  app.get(
    '/v1/receipts',
    {
      schema: {
        tags,
        summary: 'What became of my consents and freezes',
        querystring: Type.Object({ cursor: Type.Optional(id) }, closed),
      },
      onRequest,
    },
    async (request) => await listReceipts(consumer, request.subjectRefs, request.query.cursor),
  );
  app.get(
    '/v1/receipts/:id',
    { schema: { tags, summary: 'A receipt with its proof', params: Type.Object({ id }, closed) }, onRequest },
    async (request) => await readReceipt(consumer, request.subjectRefs, request.params.id),
  );
}
