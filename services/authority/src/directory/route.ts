import { digestSchema, exact } from '@causeway/protocol/claim-types';
import { CausewayError } from '@causeway/protocol/errors';
import type { App } from '@causeway/service/app';
import type { Kysely } from 'kysely';
import type { AuthorityTables } from '../tables.ts';
import { entryText, etagOf, newestHead } from './repository.ts';
import type { RootFiles } from './root-files.ts';

interface DirectoryRoutes {
  readonly db: Kysely<AuthorityTables>;
  readonly roots: RootFiles;
}

const tags = { tags: ['directory'] };
const byDigest = exact({ digest: digestSchema });

/** The pages that trust starts from. All are public, and each proves itself: nothing here needs a token. */
export function directoryRoutes(app: App, { db, roots }: DirectoryRoutes): void {
  app.get('/root', { schema: tags }, async (_request, reply) =>
    reply.type('application/json').send(roots.text()),
  );

  // Oldest first: whoever trusts any of them follows from it to the newest.
  app.get('/roots', { schema: tags }, async () => roots.newest().chain);

  app.get('/directory', { schema: tags }, async (request, reply) => {
    const head = await newestHead(db);
    if (!head) throw new CausewayError('not_ready');
    const etag = etagOf(head.version);
    reply.header('etag', etag).header('cache-control', 'no-cache');
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return { head: head.jws };
  });

  app.get('/directory/entries/:digest', { schema: { ...tags, params: byDigest } }, async (request, reply) => {
    const text = await entryText(db, request.params.digest);
    if (text === undefined) throw new CausewayError('not_found');
    // One digest, one text, for ever.
    reply.header('cache-control', 'public, max-age=31536000, immutable');
    return reply.type('application/json').serializer(String).send(text);
  });
}
