import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from '@causeway/service';
import type { FastifyReply } from 'fastify';

/** Where the build puts the pages. */
const built = join(import.meta.dirname, '../../web/dist');
/** Addresses of the portal's own pages; each is the same document, which shows the page by its address. */
const pages = ['/', '/history', '/permissions', '/freeze'];

/**
 * Scripts from here only, and none in the document; the page talks to this origin alone. Styles may stand in
 * attributes, which is how the component library positions things.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the portal where it has been built; an installation without pages serves the API alone. */
export async function portalRoutes(app: App): Promise<void> {
  if (!existsSync(join(built, 'index.html'))) return;
  await app.register(fastifyStatic, {
    ...{ root: join(built, 'assets'), prefix: '/assets/', index: false, immutable: true, maxAge: '365d' },
    setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
  });
  for (const page of pages) {
    app.get(page, { schema: { hide: true } }, async (_request, reply) => await sendDocument(reply));
  }
}

async function sendDocument(reply: FastifyReply): Promise<FastifyReply> {
  reply.header('content-security-policy', policy).header('referrer-policy', 'same-origin');
  return await reply.sendFile('index.html', built, { immutable: false, maxAge: 0 });
}
