import { exact } from '@causeway/protocol/claim-types';
import { sha256Digest } from '@causeway/protocol/digest';
import { CausewayError } from '@causeway/protocol/errors';
import { statementTypes } from '@causeway/protocol/statement-types';
import { schemaDocuments } from '@causeway/records';
import type { App } from '@causeway/service/app';
import Type from 'typebox';

/** A document changes with the software only; whoever keeps one asks again by its tag. */
const CACHED = 'public, max-age=300';

const tags = { tags: ['schemas'] };
const byName = exact({ name: Type.String({ maxLength: 64 }) });

/**
 * The shapes of statements and records and the code lists, for anyone to read: an index, and each document of
 * the model under its own address.
 */
export function schemaRoutes(app: App, publicUrl: string): void {
  const base = `${publicUrl}/schemas`;
  const documents = schemaDocuments(base);
  const statements = Object.entries(statementTypes).map(([type, { schema, signers, window }]) => ({
    type,
    schema,
    signers,
    window_s: window,
  }));
  const listed = (kind: 'record' | 'code_list') =>
    documents
      .filter((each) => each.kind === kind)
      .map(({ name, title }) => ({ name, title, url: `${base}/${name}` }));
  const index = { v: 1, statements, records: listed('record'), code_lists: listed('code_list') };
  app.get('/schemas', { schema: tags }, async () => index);

  const texts = new Map(documents.map(({ name, document }) => [name, JSON.stringify(document)]));
  app.get('/schemas/:name', { schema: { ...tags, params: byName } }, async (request, reply) => {
    const text = texts.get(request.params.name);
    if (text === undefined) throw new CausewayError('not_found');
    const etag = `"${sha256Digest(text)}"`;
    reply.header('etag', etag).header('cache-control', CACHED);
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('application/schema+json').serializer(String).send(text);
  });
}
