import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';

import type { Broker } from '../broker.ts';
import { inquiryKey } from '../inquiries/key.ts';
import { findInquiry, openInquiry } from '../inquiries/open-inquiry.ts';
import { idParams } from '../inquiries/params.ts';
import { replyRefusal } from '../refusals/reply.ts';
import { askLeave, release } from '../reports/release.ts';
import { buildBundle } from './bundle.ts';

/**
 * GET /v1/inquiries/:id/evidence: the bundle of a finished inquiry. It holds records, so it needs leave like
 * a report.
 */
export function addEvidenceRoute(app: App, broker: Broker): void {
  app.get(
    '/v1/inquiries/:id/evidence',
    { schema: { tags: ['inquiries'], params: idParams }, onRequest: app.requireToken('inquiry.read') },
    async (request, reply) => {
      const row = await findInquiry(broker.db, inquiryKey(request.params.id, request.caller.member));
      if (row === undefined) throw new CausewayError('not_found');
      const inquiry = await openInquiry(broker, row);
      const bundle = await buildBundle(broker, inquiry);
      const leave = await askLeave(broker, inquiry);
      if ('refused' in leave) return replyRefusal(request, reply, leave.refused);
      await release(broker, inquiry, leave, () => {
        reply.code(200).send(bundle);
      });
      return reply;
    },
  );
}
