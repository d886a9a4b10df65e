import { uuidv7 } from '@causeway/kernel';
import type { App } from '@causeway/service';
import { type Flow, flowCookie } from '@causeway/service/sign-in/flow-cookie';
import type { SignInProvider } from '@causeway/service/sign-in/identity-provider';
import { returnPath, returnToSchema, signInFlow } from '@causeway/service/sign-in/sign-in-flow';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { portalCookie } from '../sessions/portal-cookie.ts';
import { requireSession } from '../sessions/route.ts';
import { closeSession, openSession } from '../sessions/service.ts';
import { type Act, actSchema, nonceOf, perform } from './act.ts';
import { pageOfFailure } from './failed-page.ts';

/** The same provider, asked for what a session takes and for what an act does. */
interface Providers {
  readonly sessions: SignInProvider;
  readonly acts: SignInProvider;
}

const tags = ['sign-in'];

/**
 * Signing in with a browser. The session lies in a cookie that no script can read; the flow between the two
 * redirects in another one, so that a code from somebody else's flow opens nothing here. An act that needs a
 * fresh sign-in begins under a session and from a page of our own, or a link could make somebody approve what
 * they have not read.
 */
export function signInRoutes(app: App, consumer: Consumer, { acts, sessions }: Providers): void {
  const { clock, publicUrl, random, sealing } = consumer;
  const name = '__Host-causeway-consumer-sign-in';
  const cookie = flowCookie({ name, act: actSchema, clock, random, sealing });
  const flows = signInFlow({ clock, random, publicUrl, cookie });
  const session = portalCookie(publicUrl);
  app.get(
    '/v1/sign-in',
    {
      schema: {
        tags,
        summary: 'Sends a browser to the identity provider',
        querystring: Type.Object({ return_to: returnToSchema }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const nonce = `session:${uuidv7(clock, random)}`;
      const returnTo = request.query.return_to ?? '/';
      const to = await flows.begin(reply, { nonce, returnTo }, sessions);
      return reply.redirect(to, 303);
    },
  );
  app.post(
    '/v1/step-ups',
    {
      schema: {
        tags,
        summary: 'Begins a sign-in for one act that a session is not enough for',
        body: Type.Object({ for: actSchema, return_to: returnToSchema }, { additionalProperties: false }),
      },
      onRequest: requireSession(consumer),
    },
    async (request, reply) => {
      const { for: act, return_to: to = '/' } = request.body;
      const flow = { act, nonce: nonceOf(act), returnTo: to };
      return reply.code(201).send({ to: await flows.begin(reply, flow, acts) });
    },
  );
  app.get(
    returnPath,
    { schema: { tags, summary: 'Where the identity provider sends the browser back to' } },
    async (request, reply) => {
      let flow: Flow<Act> | undefined;
      try {
        flow = flows.end(request, reply);
        const idToken = await flows.redeem(request, flow, sessions);
        await finish(consumer, { flow, idToken }, reply);
        return await reply.redirect(flow.returnTo, 303);
      } catch (error) {
        const page = pageOfFailure(error, request, flow?.returnTo);
        if (page === undefined) throw error;
        request.log.info({ event: 'sign_in_failed', request_id: request.id, err: error });
        return reply.redirect(page, 303);
      }
    },
  );
  app.post(
    '/v1/sign-out',
    {
      schema: { tags, summary: 'Ends the session', body: Type.Object({}, { additionalProperties: false }) },
      onRequest: requireSession(consumer),
    },
    async (request, reply) => {
      await closeSession(consumer, request);
      return reply.code(204).header('set-cookie', session.drop()).send();
    },
  );
}

/** What the sign-in was for: a session, or the act. */
async function finish(
  consumer: Consumer,
  { flow, idToken }: { readonly flow: Flow<Act>; readonly idToken: string },
  reply: FastifyReply,
): Promise<void> {
  if (flow.act !== undefined) return await perform(consumer, flow.act, idToken);
  const { expires_at, session } = await openSession(consumer, idToken);
  reply.header('set-cookie', portalCookie(consumer.publicUrl).keep(session, Date.parse(expires_at)));
}
