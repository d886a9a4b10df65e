import { encodeBase64url } from '@causeway/protocol';
import { uuidv7 } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { keepSession, dropSession } from '../sessions/session-cookie.ts';
import { requireSession } from '../sessions/route.ts';
import { closeSession, openSession } from '../sessions/service.ts';
import { dropFlow, flowOf, keepFlow } from './flow-cookie.ts';
import { newVerifier, type SignInProvider } from './identity-provider.ts';

/** Where the identity provider sends a browser back to. */
export const returnPath = '/v1/sign-in/return';
const flowMs = 10 * 60_000;
/** A path of this service, and never another host's address in disguise. */
const returnTo = Type.Optional(Type.String({ pattern: '^/(?![/\\\\])[A-Za-z0-9/_.?=&-]*$', maxLength: 200 }));
const tags = ['sign-in'];

/**
 * Signing in with a browser. The session lies in a cookie that no script can read; the flow between the two
 * redirects in another one, so that a code from somebody else's flow opens nothing here.
 */
export function signInRoutes(app: App, consumer: Consumer, provider: SignInProvider): void {
  const { clock, publicUrl, random } = consumer;
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
      const flow = {
        state: encodeBase64url(random.bytes(32)),
        nonce: `session:${uuidv7(clock, random)}`,
        verifier: newVerifier(),
        returnTo: request.query.return_to ?? '/',
        expires: clock.now() + flowMs,
      };
      const to = await provider.authorize(flow);
      return reply.header('set-cookie', keepFlow(consumer, flow)).redirect(to.href, 303);
    },
  );
  app.get(
    returnPath,
    { schema: { tags, summary: 'Where the identity provider sends the browser back to' } },
    async (request, reply) => {
      const flow = flowOf(consumer, request.headers.cookie);
      reply.header('set-cookie', dropFlow());
      const idToken = await provider.redeem(new URL(request.url, publicUrl), flow);
      const { expires_at, session } = await openSession(consumer, idToken);
      reply.header('set-cookie', keepSession(session, Date.parse(expires_at)));
      return reply.redirect(flow.returnTo, 303);
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
