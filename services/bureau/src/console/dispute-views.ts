import { uuidv7Pattern } from '@causeway/kernel';
import { stopReasons } from '@causeway/records/disputes/index';
import type { App } from '@causeway/service';
import Type from 'typebox';

import type { Bureau } from '../bureau.ts';
import { act } from '../disputes/acts.ts';
import { showItem } from '../disputes/item.ts';
import { listOpen, showDispute } from '../disputes/show.ts';
import type { StaffDesk } from '../staff/desk.ts';

const closed = { additionalProperties: false } as const;
const params = Type.Object({ id: Type.String({ pattern: uuidv7Pattern }) }, closed);
/** What the subject is told, in the bureau's own words beside the outcome. */
const text = Type.Optional(Type.String({ minLength: 1, maxLength: 2000 }));
/** Left out where a native system holds the record: it is corrected there before. */
const set = Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,40}$' }), Type.Unknown()));
const actBody = Type.Union([
  Type.Object({ kind: Type.Enum(['forward', 'extend', 'resume']) }, closed),
  Type.Object({ kind: Type.Literal('stop'), reason: Type.Enum([...stopReasons]) }, closed),
  Type.Object({ kind: Type.Enum(['answer', 'delete']), text }, closed),
  Type.Object(
    { kind: Type.Literal('find'), outcome: Type.Enum(['unfounded', 'undetermined']), text },
    closed,
  ),
  Type.Object({ kind: Type.Literal('correct'), set, text }, closed),
]);
const tags = ['console'];

/**
 * Disputes by the time that is left, and what the bureau's people do with them. Who acts is who signed in,
 * and nobody else can be named.
 */
export function disputeViews(app: App, bureau: Bureau, desk: StaffDesk): void {
  app.get('/v1/console/disputes', { schema: { tags }, ...desk.may('disputes.read') }, async () => ({
    items: await listOpen(bureau, undefined),
  }));
  app.get(
    '/v1/console/disputes/:id',
    { schema: { tags, params }, ...desk.may('disputes.read') },
    async (request) => await showDispute(bureau, request.params.id),
  );
  app.get(
    '/v1/console/disputes/:id/item',
    { schema: { tags, params }, ...desk.may('disputes.read') },
    async (request) => await showItem(bureau, request.params.id),
  );
  app.post(
    '/v1/console/disputes/:id/acts',
    { schema: { tags, params, body: actBody }, ...desk.may('disputes.act') },
    async ({ body, params: { id }, staff }) => {
      const said = { by: staff.person, text: 'text' in body ? body.text : undefined };
      await act(bureau, id, body, said);
      return await showDispute(bureau, id);
    },
  );
}
