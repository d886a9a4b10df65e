import { uuidv7Pattern } from '@causeway/kernel';
import { digestSchema, subjectRefSchema } from '@causeway/protocol/claim-types';
import type { App } from '@causeway/service';
import Type from 'typebox';
import { idempotencyKey } from '../consent-requests/idempotency.ts';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { listActions, reportAction } from './service.ts';

const closed = { additionalProperties: false } as const;

/** What a lender decided against a subject, on which report, and for which of its factors. */
const body = Type.Object(
  {
    subject_ref: subjectRefSchema,
    inquiry: digestSchema,
    report: digestSchema,
    decision: Type.Enum(['declined', 'less_than_asked', 'worse_terms', 'ended']),
    /** Codes of the factors that decided, the weightiest first, in the words of the report. */
    factors: Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,47}$' }), {
      ...{ minItems: 1, maxItems: 4, uniqueItems: true },
    }),
  },
  closed,
);
const querystring = Type.Object({ cursor: Type.Optional(Type.String({ pattern: uuidv7Pattern })) }, closed);

export function adverseActionRoutes(app: App, consumer: Consumer): void {
  app.post(
    '/v1/adverse-actions',
    {
      onRequest: app.requireToken('adverse-actions.report'),
      schema: { tags: ['lender'], summary: 'Tell a subject what was decided against them and why', body },
    },
    async (request, reply) => {
      const key = idempotencyKey(request.headers['idempotency-key']);
      const caller = { lender: request.caller.member, key: `adverse:${key}` };
      return reply.code(201).send(await reportAction(consumer, caller, request.body));
    },
  );
  app.get(
    '/v1/adverse-actions',
    {
      onRequest: requireSession(consumer),
      schema: { tags: ['subject'], summary: 'What lenders decided against me, and why', querystring },
    },
    async (request) => await listActions(consumer, request.subjectRefs, request.query.cursor),
  );
}
