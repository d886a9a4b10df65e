import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { CausewayError, type DirectoryView, nodesIn } from '@causeway/protocol';
import type { App } from '@causeway/service';
import type { FastifyReply } from 'fastify';
import type { Consumer } from '../consumer.ts';
import { failedPage } from '../sign-in/failed-page.ts';
import { pagePolicy } from './page-policy.ts';

/** Where the build puts the pages. */
const built = join(import.meta.dirname, '../../web/dist');
/** Addresses of the portal's own pages; each is the same document, which shows the page by its address. */
const pages = [
  ...['/', '/history', '/permissions', '/freeze', '/report', '/settings'],
  ...['/disputes', '/disputes/new', failedPage],
];

/** None while there is no directory: the pages come up all the same, and say so themselves. */
function ledgersOf(directory: () => DirectoryView): string[] {
  try {
    return nodesIn(directory()).flatMap(({ endpoints }) => endpoints.public ?? []);
  } catch (error) {
    if (error instanceof CausewayError) return [];
    throw error;
  }
}

/** Serves the portal where it has been built; an installation without pages serves the API alone. */
export async function portalRoutes(app: App, { directory }: Pick<Consumer, 'directory'>): Promise<void> {
  if (!existsSync(join(built, 'index.html'))) return;
  await app.register(fastifyStatic, {
    ...{ root: join(built, 'assets'), prefix: '/assets/', index: false, immutable: true, maxAge: '365d' },
    setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
  });
  for (const page of pages) {
    app.get(
      page,
      { schema: { hide: true } },
      async (_request, reply) => await sendDocument(reply, pagePolicy(ledgersOf(directory))),
    );
  }
}

async function sendDocument(reply: FastifyReply, rules: string): Promise<FastifyReply> {
  reply.header('content-security-policy', rules).header('referrer-policy', 'same-origin');
  return await reply.sendFile('index.html', built, { immutable: false, maxAge: 0 });
}
