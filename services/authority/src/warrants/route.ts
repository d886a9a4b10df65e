import { digestSchema, exact } from '@causeway/protocol/claim-types';
import { CausewayError } from '@causeway/protocol/errors';
import { signedActSchema } from '@causeway/protocol/officer-act';
import type { App } from '@causeway/service/app';
import { requireAct } from '@causeway/service/officers';
import { signedWarrant } from './repository.ts';
import { type WarrantDeps, recordWarrant } from './service.ts';

const schema = { tags: ['warrants'] };

/** Officers record a warrant; it carries their two signatures and needs no token. */
export function warrantRoutes(app: App, deps: WarrantDeps): void {
  app.post(
    '/v1/warrants',
    { preValidation: requireAct, schema: { ...schema, body: exact({ act: signedActSchema }) } },
    async (request, reply) => reply.code(201).send(await recordWarrant(deps, request.body.act)),
  );
}

/** The consumer service reads a warrant by its digest, and checks it itself. Nobody else has to. */
export function federationWarrantRoutes(app: App, { db, directory }: WarrantDeps): void {
  const params = exact({ digest: digestSchema });
  app.get('/v1/warrants/:digest', { schema: { ...schema, params } }, async (request) => {
    const roles = directory.view().member(request.peer)?.roles ?? [];
    const signed = roles.includes('consumer') ? await signedWarrant(db, request.params.digest) : undefined;
    if (signed === undefined) throw new CausewayError('not_found');
    return signed;
  });
}
