import { uuidv7 } from '@causeway/kernel';
import type { Clock, Random } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { memberIdSchema } from '@causeway/protocol/claim-types';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';

import type { App } from '../app.ts';
import { flowCookie } from '../sign-in/flow-cookie.ts';
import { returnPath, returnToSchema, signInFlow } from '../sign-in/sign-in-flow.ts';
import { refusalPage, refusalPolicy } from './refusal-page.ts';
import type { StaffDesk } from './staff-desk.ts';

interface Options {
  readonly service: string;
  /** The member whose staff alone work here; without it the sign-in names one. */
  readonly only: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** 32 bytes. */
  readonly sealing: Uint8Array;
  readonly publicUrl: string;
}

const closed = { additionalProperties: false } as const;
const tags = ['console'];
/** Whose staff a sign-in is for. */
const act = Type.Object({ member: memberIdSchema }, closed);

/** Members' staff sign in with a browser, as people do at the consumer service. */
export function staffRoutes<P extends string, DB>(app: App, desk: StaffDesk<P, DB>, options: Options): void {
  const { clock, only, random, service } = options;
  const cookie = flowCookie({ ...options, name: `__Host-causeway-${service}-sign-in`, act });
  const flows = signInFlow({ ...options, cookie });
  app.decorateRequest('staff');
  const query = Type.Object({ return_to: returnToSchema, member: Type.Optional(memberIdSchema) }, closed);
  const summary = 'Sends a browser to the identity provider of the staff';
  app.get('/v1/sign-in', { schema: { tags, summary, querystring: query } }, async (request, reply) => {
    const { member = only, return_to: returnTo = '/console/' } = request.query;
    // The page lets one choose.
    if (member === undefined) return await reply.redirect('/console/', 303);
    const nonce = `session:${uuidv7(clock, random)}`;
    return await orRefused(reply, async () => {
      const provider = desk.providerOf(member);
      const to = await flows.begin(reply, { nonce, returnTo, act: { member } }, provider);
      return await reply.redirect(to, 303);
    });
  });
  app.get(
    returnPath,
    { schema: { tags, summary: 'Where the identity provider sends the browser back to' } },
    async (request, reply) => {
      const flow = flows.end(request, reply);
      const { member } = flow.act ?? { member: '' };
      return await orRefused(reply, async () => {
        const idToken = await flows.redeem(request, flow, desk.providerOf(member));
        const { expiresMs, session } = await desk.open(idToken, member);
        reply.header('set-cookie', desk.cookie.keep(session, expiresMs));
        return await reply.redirect(flow.returnTo, 303);
      });
    },
  );
  app.post(
    '/v1/sign-out',
    {
      schema: { tags, summary: 'Ends the session', body: Type.Object({}, closed) },
      onRequest: async (request) => await desk.known(request),
    },
    async (request, reply) => {
      await desk.close(request);
      return reply.code(204).header('set-cookie', desk.cookie.drop()).send();
    },
  );
}

/** Somebody at a browser is told in words, and not in a code, that they are let do nothing here. */
async function orRefused(reply: FastifyReply, work: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof CausewayError ? error.code : undefined;
    if (code !== 'role_not_permitted' && code !== 'authentication_weak') throw error;
    return reply
      .code(403)
      .header('content-security-policy', refusalPolicy)
      .type('text/html; charset=utf-8')
      .serializer(String)
      .send(refusalPage(code === 'role_not_permitted' ? 'no_role' : 'weak'));
  }
}
