import { limits } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { identifierSchemes, normaliseIdentifier } from '@causeway/records/identifiers';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Static } from 'typebox';

import type { Bureau } from '../bureau.ts';
import { ownSystemsOnly } from '../publishing/own-systems.ts';
import type { NativeSubject } from '../sources/source.ts';
import { enrol } from './roster.ts';

const closed = { additionalProperties: false } as const;
const entry = Type.Object(
  {
    scheme: Type.Enum([...identifierSchemes]),
    id: Type.String({ minLength: 1, maxLength: 64 }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    /** The native system's own key to the subject. */
    handle: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
  },
  closed,
);
const body = Type.Object(
  { subjects: Type.Array(entry, { minItems: 1, maxItems: limits.blindBatchMax }) },
  closed,
);

/** Whom the bureau's native system knows: told by the bureau's own systems, with a token of the bureau. */
export function rosterRoute(app: App, bureau: Bureau): void {
  const onRequest = ownSystemsOnly(app, bureau);
  app.put('/v1/roster', { onRequest, schema: { tags: ['publishing'], body } }, async (request, reply) => {
    await enrol(bureau, request.body.subjects.map(read));
    return await reply.code(204).send();
  });
}

function read({ handle, id, name, scheme }: Static<typeof entry>, at: number): NativeSubject {
  try {
    return {
      identifier: normaliseIdentifier(scheme, id),
      ...(name === undefined ? {} : { name }),
      ...(handle === undefined ? {} : { handle }),
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CausewayError('bad_request', { detail: error.message, pointer: `/subjects/${at}/id` });
  }
}
