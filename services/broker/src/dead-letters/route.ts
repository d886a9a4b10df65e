import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';
import Type from 'typebox';

import type { Broker } from '../broker.ts';
import { parkedLetters, takeUpAgain } from './repository.ts';

/** As the list gives it: the inquiry's id and its lender. */
const params = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
);

/** GET /v1/dead-letters and POST /v1/dead-letters/:id/replay, for the broker's own operator. */
export function addDeadLetterRoutes(app: App, broker: Broker): void {
  const operator = { onRequest: app.requireToken('queue.operate') };
  app.get(
    '/v1/dead-letters',
    { ...operator, schema: { tags: ['operation'], summary: 'Inquiries that were set aside' } },
    async () => ({ items: (await parkedLetters(broker.db)).map(view) }),
  );
  app.post(
    '/v1/dead-letters/:id/replay',
    { ...operator, schema: { tags: ['operation'], summary: 'Take one up again', params } },
    async (request, reply) => {
      const { id } = request.params;
      await replay(broker, id, request.caller.member);
      return reply.code(202).send({ id, state: 'replayed' });
    },
  );
}

/**
 * Takes a parked inquiry up again. Its work begins as it always does, so that what has been revoked, frozen
 * or suspended meanwhile is refused.
 * @throws CausewayError not_found; conflict where it is not parked, or over
 */
async function replay(broker: Broker, key: string, by: string): Promise<void> {
  const lane = await takeUpAgain(broker.db, key, broker.clock.now());
  if (lane === 'none') throw new CausewayError('not_found');
  if (lane === 'over') throw new CausewayError('conflict', { detail: 'It is not parked, or over by now.' });
  // A crash here leaves it due: the sweeper queues it.
  broker.log.info({ event: 'dead_letter_replayed', job: key, member: by });
  broker.queue.start(key, lane);
}

function view(row: Awaited<ReturnType<typeof parkedLetters>>[number]) {
  const { attempts, closes_ms, code, deadline_ms, id, inquiry, lane, lender, parked_ms, reason } = row;
  return {
    ...{ id: inquiry, inquiry: id, lender, lane, reason, code, attempts },
    parked_at: at(parked_ms),
    deadline_at: at(deadline_ms),
    closes_at: at(closes_ms),
  };
}

const at = (ms: number): string => new Date(ms).toISOString();
