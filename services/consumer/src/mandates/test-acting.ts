import { systemRandom, uuidv7 } from '@causeway/kernel';
import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { createMetrics, publicApp, type App } from '@causeway/service';
import { accessRoutes } from '../accesses/route.ts';
import { channelRoutes } from '../channels/route.ts';
import { consentRequestRoutes } from '../consent-requests/route.ts';
import { consentRoutes } from '../consents/route.ts';
import { disputeRoutes } from '../disputes/route.ts';
import { fraudAlertRoutes } from '../fraud-alerts/route.ts';
import { freezeRoutes } from '../freezes/route.ts';
import { identityRoutes } from '../identities/route.ts';
import { passkeyRoutes } from '../passkeys/route.ts';
import { receiptRoutes } from '../receipts/route.ts';
import { sessionRoutes } from '../sessions/route.ts';
import { ask, refOf, type World } from '../test-world.ts';
import { entrust, entrustingNonce, offerCode } from './authorise.ts';
import { mandateRoutes } from './route.ts';
import type { Entrusting } from './schema.ts';

/** The routes of people over a world, and what two of them do. */
export async function actingApp(world: World) {
  const { clock, log } = world.consumer;
  const metrics = createMetrics();
  const app: App = await publicApp({
    ...{ name: 'consumer', title: 'test', log, clock, random: systemRandom, metrics },
  });
  app.decorateRequest('caller');
  app.decorate('requireToken', (scope: string) => async (request) => {
    request.caller = { member: String(request.headers['x-member']), scopes: [scope] };
  });
  const features = [
    ...[sessionRoutes, consentRequestRoutes, consentRoutes, freezeRoutes, identityRoutes, accessRoutes],
    ...[receiptRoutes, disputeRoutes, channelRoutes, fraudAlertRoutes, passkeyRoutes, mandateRoutes],
  ];
  for (const routes of features) routes(app, world.consumer);
  let sessions = 0;
  let people = 0;
  const person = () => sandboxIdentifier(String((people += 1)));
  type Person = ReturnType<typeof person>;
  const session = async (identity: Person) => {
    const nonce = `session:${String((sessions += 1)).padStart(36, '0')}`;
    const answer = await app.inject({
      ...{ method: 'POST', url: '/v1/sessions' },
      payload: { id_token: await world.idToken({ identity, nonce }) },
    });
    return { authorization: `Bearer ${answer.json<{ session: string }>().session}` };
  };
  const call = async (method: 'GET' | 'POST', url: string, headers: object, payload?: object) => {
    const answer = await app.inject({
      ...{ method, url, headers: { 'idempotency-key': uuidv7(clock, systemRandom), ...headers } },
      ...(payload === undefined ? {} : { payload }),
    });
    const body = answer.body === '' ? {} : answer.json<Record<string, unknown>>();
    return { status: answer.statusCode, body };
  };
  /** The subject lets the agent act for them. */
  const entrusted = async (subject: Person, agent: Person, terms: Partial<Entrusting> = {}) => {
    const { code } = await offerCode(world.consumer, await refOf(agent), 'Mother');
    const asked: Entrusting = { code, name: 'Daughter', powers: ['read'], days: 30, ...terms };
    const nonce = entrustingNonce(asked);
    return await entrust(world.consumer, asked, await world.idToken({ identity: subject, nonce }));
  };
  /** The agent approves what was asked of the subject, with a sign-in for that. */
  const approveFor = async (agent: Person, subject: Person, mandate: string, terms: object = {}) => {
    const asked = await ask(world.consumer, await refOf(subject), terms);
    const nonce = `approve:${asked.id}:${asked.form_digest}:for:${mandate}`;
    const id_token = await world.idToken({ identity: agent, nonce });
    const answer = await call('POST', '/v1/consents', {}, { request: asked.id, id_token, mandate });
    return { ...answer, asked };
  };
  return { app, call, session, person, entrusted, approveFor };
}
