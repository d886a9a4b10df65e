import { CausewayError } from '@causeway/protocol';
import { systemRandom } from '@causeway/kernel';
import { createMetrics, publicApp, type App } from '@causeway/service';

import type { Broker } from './broker.ts';
import { addEventsRoute } from './events/route.ts';
import { addEvidenceRoute } from './evidence/route.ts';
import { addInquiryRoutes } from './inquiries/route.ts';
import { addReportRoute } from './reports/route.ts';

/**
 * The broker's routes on a real listener's app; who calls is what `x-test-member` says, instead of a token.
 */
export async function testApp(broker: Broker): Promise<App> {
  const { clock, log } = broker;
  const metrics = createMetrics();
  const app = await publicApp({ name: 'broker', title: 'test', metrics, log, clock, random: systemRandom });
  app.decorateRequest('caller');
  app.decorate('requireToken', () => async (request) => {
    const member = request.headers['x-test-member'];
    if (typeof member !== 'string') throw new CausewayError('token_missing');
    request.caller = { member, scopes: ['inquiry.read'] };
  });
  app.decorateRequest('optionalCaller', async function optionalCaller() {
    const member = this.headers['x-test-member'];
    return typeof member === 'string' ? { member, scopes: ['inquiry.read'] } : undefined;
  });
  addInquiryRoutes(app, broker);
  addReportRoute(app, broker);
  addEvidenceRoute(app, broker);
  addEventsRoute(app, broker);
  return app;
}
