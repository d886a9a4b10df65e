import { Readable } from 'node:stream';
import { decodeBase64url } from '@causeway/protocol';
import { digestPattern } from '@causeway/protocol/digest';
import type { App, NodeKeys } from '@causeway/service';
import { readsOfStaff } from '@causeway/service/staff/staff-store';
import Type from 'typebox';

import type { Bureau } from '../bureau.ts';
import type { Batches } from '../publishing/batches.ts';
import type { StaffDesk } from '../staff/desk.ts';
import type { SourceHealth } from '../sources/source.ts';
import { listBatches, rejectFile, showBatch } from './batch-views.ts';
import { disputeViews } from './dispute-views.ts';
import { healthView } from './health-view.ts';
import { keysView } from './keys-view.ts';
import { listMappings, previewSample } from './preview.ts';
import { readsOfData } from './reads-view.ts';
import { rulesView } from './rules-view.ts';
import { uploadViews } from './upload-views.ts';

const closed = { additionalProperties: false } as const;
const digest = Type.String({ pattern: digestPattern });
const place = Type.Optional(Type.Integer({ minimum: 1 }));
const before = Type.Object({ before: place }, closed);
const batchParams = Type.Object({ batch: digest, mapping: digest }, closed);
/** A sample of at most 96 KiB, its bytes as the file has them. */
const sampleSchema = Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: 131_072 });
const previewBody = Type.Object({ mapping: digest, sample: sampleSchema }, closed);
const daysShown = Type.Optional(Type.Integer({ minimum: 1, maximum: 90 }));
const tags = ['console'];

export interface ConsoleParts {
  readonly bureau: Bureau;
  readonly batches: Batches;
  readonly desk: StaffDesk;
  readonly held: NodeKeys['held'];
  /** A file that a browser sends; a larger one is for the bureau's own systems. */
  readonly uploadBytesMax: number;
  /** Of the native system, where there is one. */
  readonly sourceHealth: (() => Promise<SourceHealth>) | undefined;
}

/** What the console's pages read and do: each route by a permission of a role, all else is refused. */
export function consoleRoutes(app: App, parts: ConsoleParts): void {
  const { bureau, desk, held, sourceHealth } = parts;
  const { db, directory, me, source } = bureau;
  app.get('/v1/console/self', { schema: { tags }, ...desk.may('self.read') }, async ({ staff }) =>
    desk.self(staff),
  );
  const named = { name: source.kind === 'native' ? source.name : 'store', health: sourceHealth };
  app.get(
    '/v1/console/health',
    { schema: { tags }, ...desk.may('health.read') },
    async () => await healthView({ ...bureau, source: named }),
  );
  app.get('/v1/console/keys', { schema: { tags }, ...desk.may('keys.read') }, async () =>
    keysView({ directory, held, me }),
  );
  app.get(
    '/v1/console/rules',
    { schema: { tags }, ...desk.may('rules.read') },
    async () => await rulesView(bureau),
  );
  const reads = { tags, querystring: Type.Object({ days: daysShown }, closed) };
  app.get(
    '/v1/console/reads',
    { schema: reads, ...desk.may('reads.read') },
    async ({ query }) => await readsOfData(bureau, query.days ?? 30),
  );
  app.get(
    '/v1/console/staff-reads',
    { schema: { tags, querystring: before }, ...desk.may('staff_reads.read') },
    async ({ query }) => await readsOfStaff(db, me, query.before),
  );
  publishingViews(app, parts);
  uploadViews(app, parts);
  disputeViews(app, bureau, desk);
}

function publishingViews(app: App, { bureau, desk }: ConsoleParts): void {
  const { db } = bureau;
  app.get(
    '/v1/console/batches',
    { schema: { tags, querystring: before }, ...desk.may('batches.read') },
    async ({ query }) => await listBatches(db, query.before),
  );
  const one = { tags, params: batchParams };
  app.get(
    '/v1/console/batches/:batch/:mapping',
    { schema: one, ...desk.may('batches.read') },
    async ({ params }) => await showBatch(db, params.batch, params.mapping),
  );
  app.get(
    '/v1/console/batches/:batch/:mapping/rejections',
    { schema: one, ...desk.may('rejections.read') },
    async ({ params }, reply) => {
      // Or a batch that is not there would be told behind the head of an answer.
      await showBatch(db, params.batch, params.mapping);
      return await reply
        .header('content-disposition', 'attachment; filename="rejections.csv"')
        .type('text/csv; charset=utf-8')
        .send(Readable.from(rejectFile(db, params.batch, params.mapping)));
    },
  );
  app.get('/v1/console/mappings', { schema: { tags }, ...desk.may('batches.read') }, async () => ({
    items: await listMappings(db),
  }));
  app.post(
    '/v1/console/previews',
    { schema: { tags, body: previewBody }, ...desk.may('mapping.preview') },
    async ({ body }) => ({ items: await previewSample(bureau, body.mapping, decodeBase64url(body.sample)) }),
  );
}
