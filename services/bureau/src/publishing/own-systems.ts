import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';
import type { FastifyRequest } from 'fastify';

import type { Bureau } from '../bureau.ts';

/** Lets in the bureau's own systems, by a token of the bureau itself to publish records, and nobody else. */
export function ownSystemsOnly(app: App, { me }: Bureau): (request: FastifyRequest) => Promise<void> {
  const token = app.requireToken('records.publish');
  return async (request) => {
    await token(request);
    if (request.caller.member !== me) throw new CausewayError('role_not_permitted');
  };
}
