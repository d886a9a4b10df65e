import { limits } from '@causeway/kernel';
import { epochSchema, exact } from '@causeway/protocol/claim-types';
import type { App } from '@causeway/service/app';
import { Type } from 'typebox';
import { type SubjectRefDeps, deriveFor } from './service.ts';

const body = exact({
  /** The current one where none is named. */
  epoch: Type.Optional(epochSchema),
  /** 32 bytes each, base64url: identifiers and a canary among them. */
  blinded: Type.Array(Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }), {
    minItems: 1,
    maxItems: limits.blindBatchMax + 1,
  }),
});

const schema = { tags: ['subject-refs'], body };
const PATH = '/v1/subject-refs';

/** For member systems: by access token. */
export function publicSubjectRefRoutes(app: App, deps: SubjectRefDeps): void {
  app.post(PATH, { schema, onRequest: app.requireToken('refs.derive') }, async (request) =>
    deriveFor(deps, request.caller.member, request.body),
  );
}

/** For nodes: by their certificate. */
export function federationSubjectRefRoutes(app: App, deps: SubjectRefDeps): void {
  app.post(PATH, { schema }, async (request) => deriveFor(deps, request.peer, request.body));
}
