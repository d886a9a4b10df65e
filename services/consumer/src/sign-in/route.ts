import { encodeBase64url } from '@causeway/protocol';
import { uuidv7 } from '@causeway/kernel';
import type { App } from '@causeway/service';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { keepSession, dropSession } from '../sessions/session-cookie.ts';
import { requireSession } from '../sessions/route.ts';
import { closeSession, openSession } from '../sessions/service.ts';
import { actSchema, nonceOf, perform } from './act.ts';
import { pageOfFailure } from './failed-page.ts';
import { dropFlow, type Flow, flowOf, keepFlow } from './flow-cookie.ts';
import { newVerifier, type SignInProvider } from './identity-provider.ts';

/** Where the identity provider sends a browser back to. */
export const returnPath = '/v1/sign-in/return';
const flowMs = 10 * 60_000;
/** A path of this service, and never another host's address in disguise. */
const returnTo = Type.Optional(Type.String({ pattern: '^/(?![/\\\\])[A-Za-z0-9/_.?=&-]*$', maxLength: 200 }));
const tags = ['sign-in'];

/**
 * Signing in with a browser. The session lies in a cookie that no script can read; the flow between the two
 * redirects in another one, so that a code from somebody else's flow opens nothing here. An act that needs a
 * fresh sign-in begins under a session and from a page of our own, or a link could make somebody approve what
 * they have not read.
 */
export function signInRoutes(app: App, consumer: Consumer, provider: SignInProvider): void {
  const begin = async (reply: FastifyReply, asked: Pick<Flow, 'act' | 'nonce' | 'returnTo'>) => {
    const { clock, random } = consumer;
    const state = encodeBase64url(random.bytes(32));
    const flow = { ...asked, state, verifier: newVerifier(), expires: clock.now() + flowMs };
    const to = await provider.authorize(flow);
    reply.header('set-cookie', keepFlow(consumer, flow));
    return to.href;
  };
  app.get(
    '/v1/sign-in',
    {
      schema: {
        tags,
        summary: 'Sends a browser to the identity provider',
        querystring: Type.Object({ return_to: returnTo }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const nonce = `session:${uuidv7(consumer.clock, consumer.random)}`;
      const to = await begin(reply, { nonce, returnTo: request.query.return_to ?? '/' });
      return reply.redirect(to, 303);
    },
  );
  app.post(
    '/v1/step-ups',
    {
      schema: {
        tags,
        summary: 'Begins a sign-in for one act that a session is not enough for',
        body: Type.Object({ for: actSchema, return_to: returnTo }, { additionalProperties: false }),
      },
      onRequest: requireSession(consumer),
    },
    async (request, reply) => {
      const { for: act, return_to: to = '/' } = request.body;
      return reply.code(201).send({ to: await begin(reply, { act, nonce: nonceOf(act), returnTo: to }) });
    },
  );
  app.get(
    returnPath,
    { schema: { tags, summary: 'Where the identity provider sends the browser back to' } },
    async (request, reply) => {
      let flow: Flow | undefined;
      try {
        flow = flowOf(consumer, request.headers.cookie);
        reply.header('set-cookie', dropFlow());
        const idToken = await provider.redeem(new URL(request.url, consumer.publicUrl), flow);
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
      return reply.code(204).header('set-cookie', dropSession()).send();
    },
  );
}

/** What the sign-in was for: a session, or the act. */
async function finish(
  consumer: Consumer,
  { flow, idToken }: { readonly flow: Flow; readonly idToken: string },
  reply: FastifyReply,
): Promise<void> {
  if (flow.act !== undefined) return await perform(consumer, flow.act, idToken);
  const { expires_at, session } = await openSession(consumer, idToken);
  reply.header('set-cookie', keepSession(session, Date.parse(expires_at)));
}
