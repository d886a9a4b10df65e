import type { App } from '@causeway/service';
import Type from 'typebox';

import type { Broker } from '../broker.ts';
import { idParams } from '../inquiries/params.ts';
import { inquiryKey } from '../inquiries/key.ts';
import { deliverReport } from './deliver.ts';

const versionQuery = Type.Object(
  { version: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) },
  { additionalProperties: false },
);

/**
 * GET /v1/inquiries/:id/report: 200 with the statements, 202 while it runs, the refusal where it was refused.
 */
export function addReportRoute(app: App, broker: Broker): void {
  app.get(
    '/v1/inquiries/:id/report',
    {
      schema: { tags: ['inquiries'], params: idParams, querystring: versionQuery },
      onRequest: app.requireToken('inquiry.read'),
    },
    async (request, reply) => {
      const key = inquiryKey(request.params.id, request.caller.member);
      return await deliverReport(broker, key, { version: request.query.version }, { request, reply });
    },
  );
}
