import { uuidv7Pattern } from '@causeway/kernel';
import { exact } from '@causeway/protocol/claim-types';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { beginAssisted } from './begin.ts';
import { completeAssisted } from './complete.ts';

/** For lenders, where policy lets officers help people to consent. */
export function assistedConsentRoutes(app: App, consumer: Consumer): void {
  const onRequest = app.requireToken('consent.request');
  const tags = ['lender'];
  app.post(
    '/v1/assisted-consents',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Say, signed, that somebody agrees to a request with the help of two officers',
        body: exact({ assistance: Type.String({ minLength: 1, maxLength: 8192 }) }),
      },
    },
    async (request, reply) => {
      const begun = await beginAssisted(consumer, request.caller.member, request.body.assistance);
      return reply.code(202).send(begun);
    },
  );
  app.post(
    '/v1/assisted-consents/:id/code',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Bring back the code that the person was sent',
        params: exact({ id: Type.String({ pattern: uuidv7Pattern }) }),
        body: exact({ code: Type.String({ pattern: '^[0-9]{8}$' }) }),
      },
    },
    async (request) => {
      const { body, caller, params } = request;
      return await completeAssisted(consumer, caller.member, { id: params.id, code: body.code });
    },
  );
}
