import type { Clock, Random } from '@causeway/kernel';
import { encodeBase64url } from '@causeway/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';

import type { Flow, FlowCookie } from './flow-cookie.ts';
import { newVerifier } from './identity-provider.ts';
import type { SignInProvider } from './identity-provider.ts';

/** Where the identity provider sends a browser back to, at every service that people sign in at. */
export const returnPath = '/v1/sign-in/return';

const segment = '[A-Za-z0-9_.-]+';
const queryMark = '[A-Za-z0-9_.~=&:-]|%[0-9A-Fa-f]{2}';

/**
 * A path of this service with its query, and never another host's address in disguise: no empty segment,
 * nothing encoded in the path, and no slash in the query. What of it a page reads is the page's to check.
 */
export const returnToSchema = Type.Optional(
  Type.String({
    pattern: `^/(?:${segment}(?:/${segment})*/?)?(?:\\?(?:${queryMark})*)?$`,
    maxLength: 400,
  }),
);

const flowMs = 10 * 60_000;

interface Options<A> {
  readonly clock: Clock;
  readonly random: Random;
  readonly publicUrl: string;
  readonly cookie: FlowCookie<A>;
}

export interface SignInFlow<A> {
  /** Gives the browser a flow; where it goes to. Throws `unavailable` where the provider is away. */
  begin(
    reply: FastifyReply,
    asked: Pick<Flow<A>, 'act' | 'nonce' | 'returnTo'>,
    provider: SignInProvider,
  ): Promise<string>;
  /** Takes the browser back, whose flow ends here. Throws `token_invalid` where it began none. */
  end(request: FastifyRequest, reply: FastifyReply): Flow<A>;
  /**
   * The id_token for the flow that has ended. Throws `token_invalid` where the provider or the person
   * refused, `unavailable` where the provider is away.
   */
  redeem(request: FastifyRequest, flow: Flow<A>, provider: SignInProvider): Promise<string>;
}

/** A sign-in by two redirects; a code from somebody else's flow opens nothing. */
export function signInFlow<A>({ clock, cookie, publicUrl, random }: Options<A>): SignInFlow<A> {
  return {
    begin: async (reply, asked, provider) => {
      const state = encodeBase64url(random.bytes(32));
      const flow = { ...asked, state, verifier: newVerifier(), expires: clock.now() + flowMs };
      const to = await provider.authorize(flow);
      reply.header('set-cookie', cookie.keep(flow));
      return to.href;
    },
    end: (request, reply) => {
      const flow = cookie.read(request.headers.cookie);
      reply.header('set-cookie', cookie.drop());
      return flow;
    },
    redeem: async (request, flow, provider) => await provider.redeem(new URL(request.url, publicUrl), flow),
  };
}
