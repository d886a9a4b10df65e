import { uuidv7Pattern } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { stopReasons } from '@causeway/records/disputes/index';
import { OpaqueSchema } from '@causeway/records/primitives';
import type { App } from '@causeway/service';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';

import type { Bureau } from '../bureau.ts';
import { act } from './acts.ts';
import type { Act } from './acts.ts';
import { listOpen, showDispute } from './show.ts';

const closed = { additionalProperties: false } as const;
const params = Type.Object({ id: Type.String({ pattern: uuidv7Pattern }) }, closed);
/** Who of the bureau's people does it, by the bureau's own name of them. */
const by = { by: OpaqueSchema };
const text = Type.String({ minLength: 1, maxLength: 2000 });
/** What the subject is told, in the bureau's own words beside the outcome. */
const found = { ...by, text: Type.Optional(text) };
const only = Type.Object(by, closed);
const told = Type.Object(found, closed);
const states = Type.Enum(['marked', 'forwarded', 'answered', 'corrected', 'deleted', 'unfounded']);
const stopBody = Type.Object({ ...by, reason: Type.Enum([...stopReasons]) }, closed);
const correctionBody = Type.Object(
  {
    ...found,
    /** Left out where a native system holds the record: it is corrected there before. */
    set: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,40}$' }), Type.Unknown())),
  },
  closed,
);
const findingBody = Type.Object({ ...found, outcome: Type.Enum(['unfounded', 'undetermined']) }, closed);

/**
 * Disputes for the bureau's own systems, which say who of its people acts: by the time that is left, and one
 * act at a time. Only with a token of the bureau itself.
 */
export function disputeRoutes(app: App, bureau: Bureau): void {
  const token = app.requireToken('disputes.handle');
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    await token(request);
    if (request.caller.member !== bureau.me) throw new CausewayError('role_not_permitted');
  };
  const tags = ['disputes'];
  const querystring = Type.Object({ state: Type.Optional(states) }, closed);
  const one = { onRequest, schema: { tags, params } };
  const shown = async (id: string) => await showDispute(bureau, id);
  const did = async (id: string, what: Act, said: { readonly by: string; readonly text?: string }) => {
    await act(bureau, id, what, said);
    return await shown(id);
  };

  app.get('/v1/disputes', { onRequest, schema: { tags, querystring } }, async ({ query }) => ({
    items: await listOpen(bureau, query.state),
  }));
  app.get('/v1/disputes/:id', one, async (request) => await shown(request.params.id));
  for (const [path, kind] of plainActs) {
    app.post(
      `/v1/disputes/:id/${path}`,
      { onRequest, schema: { tags, params, body: kind === 'answer' ? told : only } },
      async (request) => await did(request.params.id, { kind }, request.body),
    );
  }
  app.post(
    '/v1/disputes/:id/stop',
    { onRequest, schema: { tags, params, body: stopBody } },
    async ({ body, params: { id } }) => await did(id, { kind: 'stop', reason: body.reason }, body),
  );
  app.post(
    '/v1/disputes/:id/correction',
    { onRequest, schema: { tags, params, body: correctionBody } },
    async ({ body, params: { id } }) => await did(id, { kind: 'correct', set: body.set }, body),
  );
  app.post(
    '/v1/disputes/:id/deletion',
    { onRequest, schema: { tags, params, body: told } },
    async ({ body, params: { id } }) => await did(id, { kind: 'delete' }, body),
  );
  app.post(
    '/v1/disputes/:id/finding',
    { onRequest, schema: { tags, params, body: findingBody } },
    async ({ body, params: { id } }) => await did(id, { kind: 'find', outcome: body.outcome }, body),
  );
}

const plainActs = [
  ['forwarding', 'forward'],
  ['answer', 'answer'],
  ['extension', 'extend'],
  ['resumption', 'resume'],
] as const;
