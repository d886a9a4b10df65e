import { CausewayError } from '@causeway/protocol';
import { systemRandom } from '@causeway/kernel';
import { createMetrics, publicApp, type App } from '@causeway/service';

import type { Broker } from './broker.ts';
import { addDeadLetterRoutes } from './dead-letters/route.ts';
import { addEventsRoute } from './events/route.ts';
import { addEvidenceRoute } from './evidence/route.ts';
import { addInquiryRoutes } from './inquiries/route.ts';
import { addReportRoute } from './reports/route.ts';

/**
 * The broker's routes on a real listener's app; who calls is what `x-test-member` says, instead of a token,
 * and a member has the scopes that the authority would give it here.
 */
export async function testApp(broker: Broker): Promise<App> {
  const { clock, log } = broker;
  const metrics = createMetrics();
  const app = await publicApp({ name: 'broker', title: 'test', metrics, log, clock, random: systemRandom });
  app.decorateRequest('caller');
  app.decorate('requireToken', (scope) => async (request) => {
    const member = request.headers['x-test-member'];
    if (typeof member !== 'string') throw new CausewayError('token_missing');
    const scopes = [member === broker.me ? 'queue.operate' : 'inquiry.read'];
    if (!scopes.includes(scope)) throw new CausewayError('scope_insufficient');
    request.caller = { member, scopes };
  });
  app.decorateRequest('optionalCaller', async function optionalCaller() {
    const member = this.headers['x-test-member'];
    return typeof member === 'string' ? { member, scopes: ['inquiry.read'] } : undefined;
  });
  addInquiryRoutes(app, broker);
  addReportRoute(app, broker);
  addEvidenceRoute(app, broker);
  addEventsRoute(app, broker);
  addDeadLetterRoutes(app, broker);
  return app;
}
