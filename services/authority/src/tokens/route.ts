import type { IncomingMessage, ServerResponse } from 'node:http';
import middie from '@fastify/middie';
import { CausewayError } from '@causeway/protocol/errors';
import type { App } from '@causeway/service/app';
import { acceptStreams } from '@causeway/service/bodies';
import { type TokenIssuer, tokenProvider } from './provider.ts';

const FORM = 'application/x-www-form-urlencoded';

/** All of the provider that is offered; it has more, for people who sign in, which nobody does here. */
const OFFERED = [
  { method: 'POST', url: '/oauth/token' },
  { method: 'GET', url: '/oauth/jwks' },
  { method: 'GET', url: '/oauth/.well-known/openid-configuration' },
] as const;

/**
 * The OAuth endpoints, under /oauth. They answer by RFC 6749, with its own error bodies, and read their own
 * bodies; bounds and content types are the listener's, as for every route.
 */
export async function tokenRoutes(app: App, issuer: TokenIssuer): Promise<void> {
  const provider = tokenProvider(issuer);
  await app.register(async (scope) => {
    await scope.register(middie);
    acceptStreams(scope, [FORM]);
    const answer = provider.callback();
    scope.use(
      '/oauth',
      (request: IncomingMessage, response: ServerResponse) => void answer(request, response),
    );
    for (const { method, url } of OFFERED) {
      const config = { consumes: [FORM] };
      // The provider answers first, from the hook that `use` adds to the routes of this scope.
      scope.route({ method, url, config, schema: { tags: ['oauth'] }, handler: unanswered });
    }
  });
}

async function unanswered(): Promise<never> {
  throw new CausewayError('not_found');
}
