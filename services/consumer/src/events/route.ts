import { type App, eventStream } from '@causeway/service';
import { CausewayError } from '@causeway/protocol';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { type Sessioned, subjectOfSession } from '../sessions/service.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import { followSubject, streamMsMax, takePlace } from './follow.ts';
import type { EventPosition } from './repository.ts';

/**
 * An id of ours says a place among all events; whose it was does not matter, since only one's own are read.
 */
const headers = Type.Object({
  'last-event-id': Type.Optional(Type.String({ pattern: '^[0-9]{1,20}-[0-9]{1,18}$' })),
});

/**
 * GET /v1/events: what happens to the subject of the session, as it happens. A reader that comes back with
 * Last-Event-ID misses nothing of the last week.
 */
export function eventRoutes(app: App, consumer: Consumer): void {
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort());
  app.get(
    '/v1/events',
    {
      schema: { tags: ['subject'], summary: 'What happens to me, as server-sent events', headers },
      onRequest: requireSession(consumer),
    },
    async (request, reply) => {
      if (request.method === 'HEAD') return reply.type('text/event-stream').send();
      const since = positionOf(request.headers['last-event-id']);
      const place = await takePlace(consumer, request.subjectRefs);
      const { headers: sent, method } = request;
      const refs = async () => await liveRefs(consumer, { headers: sent, method });
      return eventStream(
        reply,
        streamMsMax,
        (signal) => followSubject(consumer, { refs, since }, place, signal),
        stopping.signal,
      );
    },
  );
}

function positionOf(id: string | undefined): EventPosition | undefined {
  if (id === undefined) return undefined;
  const [xact = '0', seq = '0'] = id.split('-');
  if (BigInt(xact) > 0xffff_ffff_ffff_ffffn || !Number.isSafeInteger(Number(seq))) {
    throw new CausewayError('bad_request', { pointer: '/last-event-id' });
  }
  return { xact, seq: Number(seq) };
}

/** All references of the session's subject; undefined where the session has ended. */
async function liveRefs(consumer: Consumer, request: Sessioned): Promise<readonly string[] | undefined> {
  try {
    return await refsOf(consumer.db, await subjectOfSession(consumer, request));
  } catch (error) {
    if (error instanceof CausewayError) return undefined;
    throw error;
  }
}
