import type { IncomingMessage, ServerResponse } from 'node:http';
import middie from '@fastify/middie';
import { CausewayError } from '@causeway/protocol/errors';
import type { App } from '@causeway/service/app';
import { acceptStreams } from '@causeway/service/bodies';
import { type TokenIssuer, tokenProvider } from './provider.ts';

const FORM = 'application/x-www-form-urlencoded';

/**
 * The OAuth endpoints, under /oauth. They answer by RFC 6749, with its own error bodies, and read their own bodies;
 * bounds and content types are the listener's, as for every route.
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
    const config = { consumes: [FORM] };
    // The provider answers first, from the hook that `use` adds; what it leaves is not found.
    scope.all('/oauth/*', { config, schema: { hide: true } }, async () => {
      throw new CausewayError('not_found');
    });
  });
}
