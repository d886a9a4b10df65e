import { uuidv7 } from '@causeway/kernel';
import type { Clock, Random } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';
import { flowCookie } from '@causeway/service/sign-in/flow-cookie';
import type { SignInProvider } from '@causeway/service/sign-in/identity-provider';
import { returnPath, returnToSchema, signInFlow } from '@causeway/service/sign-in/sign-in-flow';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';

import type { StaffDesk } from './desk.ts';
import { refusalPage, refusalPolicy } from './refusal-page.ts';

interface Options {
  readonly clock: Clock;
  readonly random: Random;
  readonly sealing: Uint8Array;
  readonly publicUrl: string;
  readonly provider: SignInProvider;
}

const closed = { additionalProperties: false } as const;
const tags = ['console'];

/** The bureau's staff sign in with a browser, as people do at the consumer service. */
export function staffRoutes(app: App, desk: StaffDesk, options: Options): void {
  const { clock, random } = options;
  const name = '__Host-causeway-bureau-sign-in';
  // There is no act here that a session is not enough for.
  const cookie = flowCookie({ ...options, name, act: Type.Never() });
  const flows = signInFlow({ ...options, cookie });
  app.decorateRequest('staff');
  app.get(
    '/v1/sign-in',
    {
      schema: {
        tags,
        summary: 'Sends a browser to the identity provider of the staff',
        querystring: Type.Object({ return_to: returnToSchema }, closed),
      },
    },
    async (request, reply) => {
      const nonce = `session:${uuidv7(clock, random)}`;
      const returnTo = request.query.return_to ?? '/console/';
      return reply.redirect(await flows.begin(reply, { nonce, returnTo }), 303);
    },
  );
  app.get(
    returnPath,
    { schema: { tags, summary: 'Where the identity provider sends the browser back to' } },
    async (request, reply) => {
      const flow = flows.end(request, reply);
      const idToken = await flows.redeem(request, flow);
      try {
        const { expiresMs, session } = await desk.open(idToken);
        reply.header('set-cookie', desk.cookie.keep(session, expiresMs));
      } catch (error) {
        if (error instanceof CausewayError && error.code === 'role_not_permitted') return refuse(reply);
        throw error;
      }
      return reply.redirect(flow.returnTo, 303);
    },
  );
  app.post(
    '/v1/sign-out',
    {
      schema: { tags, summary: 'Ends the session', body: Type.Object({}, closed) },
      onRequest: desk.may('self.read').onRequest,
    },
    async (request, reply) => {
      await desk.close(request);
      return reply.code(204).header('set-cookie', desk.cookie.drop()).send();
    },
  );
}

function refuse(reply: FastifyReply): FastifyReply {
  return reply
    .code(403)
    .header('content-security-policy', refusalPolicy)
    .type('text/html; charset=utf-8')
    .serializer(String)
    .send(refusalPage);
}
