import { digestPattern } from '@causeway/protocol/digest';
import type { App } from '@causeway/service';
import { acceptStreams } from '@causeway/service';
import Type from 'typebox';

import type { Bureau } from '../bureau.ts';
import type { Batches } from '../publishing/batches.ts';
import { readContentDigest } from '../publishing/content-digest.ts';
import { storeMapping } from '../publishing/mappings.ts';
import { bodyOf, fileTypes } from '../publishing/route.ts';
import { signOff } from '../publishing/sign-off.ts';
import type { StaffDesk } from '../staff/desk.ts';
import { showBatch } from './batch-views.ts';
import { bounded, checkUpload } from './check-upload.ts';
import { correctBatch, mendedMax } from './correct-batch.ts';

const closed = { additionalProperties: false } as const;
const digest = Type.String({ pattern: digestPattern });
const byMapping = Type.Object({ mapping: digest }, closed);
const batchParams = Type.Object({ batch: digest, mapping: digest }, closed);
const cell = Type.Union([Type.String({ maxLength: 4096 }), Type.Null()]);
const row = Type.Object(
  { line: Type.Integer({ minimum: 1 }), cells: Type.Array(cell, { minItems: 1, maxItems: 512 }) },
  closed,
);
const correctionsBody = Type.Object({ rows: Type.Array(row, { minItems: 1, maxItems: mendedMax }) }, closed);
const count = Type.Integer({ minimum: 0 });
const signOffBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    statement: digest,
    ...{ lines: count, accepted: count, rejected: count, warnings: count, deleted: count },
  },
  closed,
);
const correctionBytesMax = 1_048_576;
const tags = ['console'];

interface Parts {
  readonly bureau: Bureau;
  readonly batches: Batches;
  readonly desk: StaffDesk;
  /** A file that a browser sends; a larger one is for the bureau's own systems. */
  readonly uploadBytesMax: number;
}

/**
 * Publishing with a browser: check a file, publish it, mend what was rejected, and sign a batch off. A file
 * is sent as a stream and never held in memory; the listener bounds its time (one hour).
 */
export function uploadViews(app: App, { batches, bureau, desk, uploadBytesMax }: Parts): void {
  acceptStreams(app, fileTypes);
  const { clock, db } = bureau;
  const streamed = { bodyLimit: uploadBytesMax, config: { consumes: fileTypes } };
  const upload = { ...streamed, schema: { tags, querystring: byMapping } };
  app.post('/v1/console/checks', { ...upload, ...desk.may('files.check') }, async (request) => {
    return await checkUpload(bureau, request.query.mapping, bodyOf(request), uploadBytesMax);
  });
  app.post('/v1/console/batches', { ...upload, ...desk.may('files.publish') }, async (request, reply) => {
    const expected = readContentDigest(request.headers['content-digest']);
    const { name, person } = request.staff;
    const batch = await batches.publish(
      ...([request.query.mapping, bounded(bodyOf(request), uploadBytesMax), expected] as const),
      { person, name, atMs: clock.now() },
    );
    const shown = await showBatch(db, batch.digest, batch.mapping);
    return await reply.code(batch.state === 'complete' ? 200 : 202).send(shown);
  });
  app.post(
    '/v1/console/mappings',
    { schema: { tags }, ...desk.may('mappings.store') },
    async ({ body }, reply) => await reply.code(201).send({ mapping: await storeMapping(bureau, body) }),
  );
  const one = { tags, params: batchParams };
  app.post(
    '/v1/console/batches/:batch/:mapping/corrections',
    {
      ...{ bodyLimit: correctionBytesMax, schema: { ...one, body: correctionsBody } },
      ...desk.may('files.publish'),
    },
    async ({ body, params, staff }) => await correctBatch({ batches, bureau }, params, body.rows, staff),
  );
  app.post(
    '/v1/console/batches/:batch/:mapping/sign-off',
    { schema: { ...one, body: signOffBody }, ...desk.may('batches.sign_off') },
    async ({ body, params: { batch, mapping }, staff }) => {
      await signOff(db, { digest: batch, mapping }, staff, body, clock.now());
      return await showBatch(db, batch, mapping);
    },
  );
}
