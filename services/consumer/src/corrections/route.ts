import { uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { correctionsOf } from './repository.ts';

const pageMax = 100;
const querystring = Type.Object(
  {
    /** The last correction that the lender has. */
    after: Type.Optional(Type.String({ pattern: uuidv7Pattern })),
  },
  { additionalProperties: false },
);

/** Which of the items that a lender was given were wrong; what stands there now takes a new inquiry. */
export function correctionRoutes(app: App, consumer: Consumer): void {
  app.get(
    '/v1/corrections',
    {
      onRequest: app.requireToken('corrections.read'),
      schema: { tags: ['lender'], summary: 'Corrections of what I was given', querystring },
    },
    async (request) => {
      const rows = await correctionsOf(consumer.db, request.caller.member, request.query.after, pageMax);
      const last = rows.at(-1);
      return {
        items: rows.map(({ at_ms, id, inquiry, statement }) => ({
          ...{ id, inquiry, at: new Date(at_ms).toISOString(), correction: statement },
        })),
        ...(rows.length === pageMax && last ? { next: last.id } : {}),
      };
    },
  );
}
