import { CausewayError } from '@causeway/protocol';
import { digestPattern } from '@causeway/protocol/digest';
import type { App } from '@causeway/service';
import { acceptStreams } from '@causeway/service';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';

import type { Bureau } from '../bureau.ts';
import type { Batches } from './batches.ts';
import { readContentDigest } from './content-digest.ts';
import { storeMapping } from './mappings.ts';
import { ownSystemsOnly } from './own-systems.ts';
import { fileBytesMax } from './receive-file.ts';
import type { Batch } from './repository.ts';
import { disappearedAfter, findBatch, rejectionsAfter, warningsAfter } from './repository.ts';

const closed = { additionalProperties: false } as const;
const digest = Type.String({ pattern: digestPattern });
/** What the body is, the mapping says; a type only has to be one of a file's. */
export const fileTypes = [
  ...(['text/csv', 'text/tab-separated-values', 'application/x-ndjson', 'application/xml'] as const),
  'application/octet-stream',
] as const;
const pageMax = 1000;
/**
 * Time for one upload, in ms. Node knows one bound for all requests of a listener; who has no token is turned
 * away before the body, and other bodies here are small.
 */
const uploadMsMax = 3_600_000;

const batchParams = Type.Object({ batch: digest }, closed);
const byMapping = Type.Object({ mapping: Type.Optional(digest) }, closed);
const page = Type.Object(
  { mapping: Type.Optional(digest), after: Type.Optional(Type.Integer({ minimum: 0 })) },
  closed,
);

/** Publishing into the hosted store: by the bureau's own systems, with a token of the bureau itself. */
export function publishingRoutes(app: App, bureau: Bureau, batches: Batches): void {
  acceptStreams(app, fileTypes);
  app.server.requestTimeout = uploadMsMax;
  const tags = ['publishing'];
  const onRequest = ownSystemsOnly(app, bureau);

  app.post('/v1/mappings', { onRequest, schema: { tags } }, async (request, reply) => {
    const stored = await storeMapping(bureau, request.body);
    return await reply.code(201).send({ digest: stored });
  });

  app.post(
    '/v1/batches',
    {
      onRequest,
      bodyLimit: fileBytesMax,
      config: { consumes: fileTypes },
      schema: { tags, querystring: Type.Object({ mapping: digest }, closed) },
    },
    async (request, reply) => {
      const expected = readContentDigest(request.headers['content-digest']);
      const batch = await batches.publish(request.query.mapping, bodyOf(request), expected);
      return await reply.code(batch.state === 'complete' ? 200 : 202).send(outward(batch));
    },
  );

  const schema = { tags, params: batchParams, querystring: byMapping };
  app.get('/v1/batches/:batch', { onRequest, schema }, async (request) =>
    outward(await load(bureau, request.params.batch, request.query.mapping)),
  );

  const paged = { onRequest, schema: { tags, params: batchParams, querystring: page } };
  app.get('/v1/batches/:batch/rejections', paged, async ({ params, query }) => {
    const batch = await load(bureau, params.batch, query.mapping);
    return pageOf(await rejectionsAfter(bureau.db, batch, query.after ?? 0, pageMax), ({ line }) => line);
  });

  app.get('/v1/batches/:batch/warnings', paged, async ({ params, query }) => {
    const batch = await load(bureau, params.batch, query.mapping);
    return pageOf(await warningsAfter(bureau.db, batch, query.after ?? 0, pageMax), ({ line }) => line);
  });

  app.get('/v1/batches/:batch/disappeared', paged, async ({ params, query }) => {
    const batch = await load(bureau, params.batch, query.mapping);
    return pageOf(await disappearedAfter(bureau.db, batch, query.after ?? 0, pageMax), ({ n }) => n);
  });
}

/** A page of a list, and where the next one begins; a page that is not full is the last. */
function pageOf<T>(items: readonly T[], place: (item: T) => number): object {
  const last = items.at(-1);
  return { items, ...(items.length === pageMax && last ? { next: place(last) } : {}) };
}

async function load(bureau: Bureau, batch: string, mapping: string | undefined): Promise<Batch> {
  const found = await findBatch(bureau.db, batch, mapping);
  if (found === undefined) throw new CausewayError('not_found');
  return found;
}

/** The body as it comes. @throws CausewayError `unsupported_media_type` */
export function bodyOf({ body }: Pick<FastifyRequest, 'body'>): AsyncIterable<Uint8Array> {
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body) {
    return body as AsyncIterable<Uint8Array>;
  }
  throw new CausewayError('unsupported_media_type', { detail: 'Send the file as the body.' });
}

/**
 * What a publisher sees of a batch; `bytes` and `offset` say how far it is, `statement` what was signed.
 * `disappeared` counts what a snapshot no longer names, once it is complete.
 */
function outward(batch: Batch): object {
  const { digest: file, mapping, state, bytes, lines, accepted, rejected, subjects } = batch;
  const { deleted, disappeared, next_offset: offset, statement, warnings } = batch;
  return {
    ...{ batch: file, mapping, state, bytes, offset, lines, accepted, rejected, subjects, warnings, deleted },
    ...(disappeared === null ? {} : { disappeared }),
    ...(statement === null ? {} : { statement }),
  };
}
