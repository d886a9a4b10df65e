import { uuidv7Pattern } from '@causeway/kernel';
import { assertionSchema } from '@causeway/protocol/passkey-assertion';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { assertReport } from './assert.ts';
import { beginReport } from './begin.ts';
import { listReports, readReport } from './view.ts';

const closed = { additionalProperties: false } as const;
const params = Type.Object({ id: Type.String({ pattern: uuidv7Pattern }) }, closed);
const tags = ['subject'];

/** A person's report on themselves: begun, signed by their passkey, and read, by nobody else. */
export function ownReportRoutes(app: App, consumer: Consumer): void {
  const onRequest = requireSession(consumer);
  app.post(
    '/v1/report',
    {
      schema: {
        tags,
        summary: 'Begins my own report: the answer is what my passkey has to sign',
        body: Type.Object({}, closed),
      },
      onRequest,
    },
    async (request, reply) => reply.code(201).send(await beginReport(consumer, request.subjectRefs)),
  );
  app.post(
    '/v1/report/:id/assertion',
    {
      schema: {
        tags,
        summary: 'What my passkey signed; the inquiry goes out with it',
        params,
        body: Type.Object({ assertion: assertionSchema }, closed),
      },
      onRequest,
    },
    async (request, reply) => {
      const { id } = request.params;
      await assertReport(consumer, request.subjectRefs, id, request.body.assertion);
      return reply.code(202).send(await readReport(consumer, request.subjectRefs, id));
    },
  );
  app.get(
    '/v1/report',
    { schema: { tags, summary: 'My own reports, and how many are free' }, onRequest },
    async (request) => await listReports(consumer, request.subjectRefs),
  );
  app.get(
    '/v1/report/:id',
    { schema: { tags, summary: 'Where my own report stands, and what is in it', params }, onRequest },
    async (request) => await readReport(consumer, request.subjectRefs, request.params.id),
  );
}
