import { limits } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { type App, problemOf } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { requireBroker } from '../grants/route.ts';
import { inLanes } from '../lanes.ts';
import { takeRefusal } from './service.ts';

const statement = Type.String({ maxLength: limits.statementBytesMax });
const item = Type.Object({ refusal: statement, inquiry: statement }, { additionalProperties: false });
const body = Type.Object(
  { refusals: Type.Array(item, { minItems: 1, maxItems: limits.batchItemsMax }) },
  { additionalProperties: false },
);

/** The broker's early refusals; each counts by itself. */
export function refusalRoutes(app: App, consumer: Consumer): void {
  const bodyLimit = 2 * limits.batchItemsMax * limits.statementBytesMax;
  app.post('/v1/refusals', { bodyLimit, schema: { tags: ['federation'], body } }, async (request, reply) => {
    requireBroker(consumer, request.peer);
    const results = await inLanes(request.body.refusals, async (sent) => {
      try {
        await takeRefusal(consumer, sent, request.peer);
        return { recorded: true };
      } catch (error) {
        if (!(error instanceof CausewayError)) request.log.error({ event: 'refusal_failed', err: error });
        return { error: problemOf(error, request.id) };
      }
    });
    return reply.code(202).send({ results });
  });
}
