import { uuidv7Pattern } from '@causeway/kernel';
import { exact, memberIdSchema } from '@causeway/protocol/claim-types';
import type { App } from '@causeway/service/app';
import { requireAct } from '@causeway/service/officers';
import { Type } from 'typebox';
import { signedActSchema } from '@causeway/protocol/officer-act';
import { admit } from './admit.ts';
import { applicationSchema } from './application.ts';
import { changeMember, memberActBody } from './change.ts';
import { type AdmissionDeps, apply, statusOf } from './service.ts';

const tags = { tags: ['admission'] };
const byApplication = exact({ id: Type.String({ pattern: uuidv7Pattern }) });
const byMember = exact({ id: memberIdSchema });

/** Bytes of an application or an act; both are far smaller. */
const bodyLimit = 65_536;

/**
 * Applying, and the officers' acts. No tokens here: an application proves its own keys, an act carries the
 * signatures of two officers.
 */
export function admissionRoutes(app: App, deps: AdmissionDeps): void {
  app.post(
    '/v1/applications',
    { bodyLimit, schema: { ...tags, body: applicationSchema } },
    async (request, reply) => {
      const received = await apply(deps, request.body);
      return reply.code(201).header('location', `/v1/applications/${received.application}`).send(received);
    },
  );

  app.get('/v1/applications/:id', { schema: { ...tags, params: byApplication } }, async (request) =>
    statusOf(deps, request.params.id),
  );

  app.post(
    '/v1/members',
    { bodyLimit, preValidation: requireAct, schema: { ...tags, body: exact({ act: signedActSchema }) } },
    async (request, reply) => reply.code(201).send(await admit(deps, request.body.act)),
  );

  app.post(
    '/v1/members/:id/acts',
    { bodyLimit, preValidation: requireAct, schema: { ...tags, params: byMember, body: memberActBody } },
    async (request) => changeMember(deps, request.params.id, request.body),
  );
}
