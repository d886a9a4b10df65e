import { CausewayError } from '@causeway/protocol';
import { type App, eventStream } from '@causeway/service';
import Type from 'typebox';

import type { Broker } from '../broker.ts';
import { inquiryKey } from '../inquiries/key.ts';
import { findInquiry } from '../inquiries/open-inquiry.ts';
import { idParams } from '../inquiries/params.ts';
import { followInquiry, streamMsMax } from './follow.ts';

const headers = Type.Object({ 'last-event-id': Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' })) });

/**
 * GET /v1/inquiries/:id/events: server-sent events, thin: ids, states and codes. A reader that comes back
 * with Last-Event-ID gets what changed since; the stream ends with the inquiry.
 */
export function addEventsRoute(app: App, broker: Broker): void {
  app.get(
    '/v1/inquiries/:id/events',
    {
      schema: { tags: ['inquiries'], params: idParams, headers },
      onRequest: app.requireToken('inquiry.read'),
    },
    async (request, reply) => {
      const { member } = request.caller;
      const key = inquiryKey(request.params.id, member);
      if ((await findInquiry(broker.db, key)) === undefined) throw new CausewayError('not_found');
      const since = Number(request.headers['last-event-id'] ?? '0');
      return eventStream(reply, streamMsMax, (gone) => followInquiry(broker, { key, member, since }, gone));
    },
  );
}
