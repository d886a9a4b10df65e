import { CausewayError } from '@causeway/protocol';
import { subjectRefPattern } from '@causeway/protocol/claim-types';
import { carriesIdentifier, identifierSchemes, normaliseIdentifier } from '@causeway/records/identifiers';
import type { Identifier } from '@causeway/records/identifiers';
import { MarkSchema } from '@causeway/records/envelope';
import { DateSchema, OpaqueSchema, TextSchema } from '@causeway/records/primitives';
import { isDate, uuidv7Pattern } from '@causeway/kernel';
import type { App } from '@causeway/service';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Static } from 'typebox';

import type { Bureau } from '../bureau.ts';
import type { RecordKey } from '../store/record-key.ts';
import { asOf } from './as-of.ts';
import { addMark, endMark } from './marks.ts';
import { noticeGiven } from './notices.ts';
import { recordKinds } from './record-kinds.ts';

const closed = { additionalProperties: false } as const;

/** A record as the bureau's own systems know it. */
const addressed = {
  subject: Type.Object(
    { scheme: Type.Enum([...identifierSchemes]), id: Type.String({ minLength: 1, maxLength: 64 }) },
    closed,
  ),
  record: Type.Enum([...recordKinds]),
  source_record_id: OpaqueSchema,
};
const markBody = Type.Object(
  {
    ...addressed,
    kind: MarkSchema.properties.kind,
    text: Type.Optional(TextSchema),
    ends_on: Type.Optional(DateSchema),
  },
  closed,
);
const noticeBody = Type.Object({ ...addressed, notice_id: OpaqueSchema }, closed);
const moment = Type.Object(
  {
    ref: Type.String({ pattern: subjectRefPattern }),
    /** ms since the epoch; now where it is left out. */
    at: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);
const markParams = Type.Object({ mark: Type.String({ pattern: uuidv7Pattern }) }, closed);

/**
 * Marks on records, notices of them, and the store at a past moment: for the bureau's own systems, with a
 * token of the bureau.
 */
export function lifeRoutes(app: App, bureau: Bureau): void {
  const token = app.requireToken('records.publish');
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    await token(request);
    if (request.caller.member !== bureau.me) throw new CausewayError('role_not_permitted');
  };
  const tags = ['records'];

  app.post('/v1/records/marks', { onRequest, schema: { tags, body: markBody } }, async ({ body }, reply) => {
    const { ends_on, kind, text } = body;
    refuseUnfit(body);
    const said = { kind, ...(text !== undefined && { text }), ...(ends_on !== undefined && { ends_on }) };
    return await reply.code(201).send({ mark: await addMark(bureau, await keysOf(bureau, body), said) });
  });

  app.post(
    '/v1/records/notices',
    { onRequest, schema: { tags, body: noticeBody } },
    async ({ body }, reply) => {
      await noticeGiven(bureau, await keysOf(bureau, body), body.notice_id);
      return await reply.code(204).send();
    },
  );

  app.delete(
    '/v1/records/marks/:mark',
    { onRequest, schema: { tags, params: markParams } },
    async ({ params }, reply) => {
      await endMark(bureau, params.mark);
      return await reply.code(204).send();
    },
  );

  app.get('/v1/records', { onRequest, schema: { tags, querystring: moment } }, async ({ query }) => {
    const nowMs = bureau.clock.now();
    const { at = nowMs, ref } = query;
    if (at > nowMs) {
      throw new CausewayError('bad_request', { detail: 'The moment is yet to come.', pointer: '/at' });
    }
    return { ref, at, ...(await asOf(bureau.db, bureau.life(), ref, at)) };
  });
}

function refuseUnfit({ ends_on, text = '' }: Static<typeof markBody>): void {
  if (carriesIdentifier(text)) {
    throw new CausewayError('bad_request', {
      detail: 'The text carries the number of a person or enterprise.',
      pointer: '/text',
    });
  }
  if (ends_on !== undefined && !isDate(ends_on)) {
    throw new CausewayError('bad_request', { detail: 'The day does not exist.', pointer: '/ends_on' });
  }
}

type Addressed = Pick<Static<typeof markBody>, keyof typeof addressed>;

/** The record under the reference of its subject in each epoch. */
async function keysOf(
  bureau: Bureau,
  { record, source_record_id, subject }: Addressed,
): Promise<RecordKey[]> {
  const [refs = []] = await bureau.references([identifierOf(subject)]);
  return refs.map((subjectRef) => ({ subjectRef, record, sourceRecordId: source_record_id }));
}

function identifierOf({ id, scheme }: Addressed['subject']): Identifier {
  try {
    return normaliseIdentifier(scheme, id);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CausewayError('bad_request', { detail: error.message, pointer: '/subject/id' });
  }
}
