import { existsSync } from 'node:fs';
import { join } from 'node:path';

import fastifyStatic from '@fastify/static';

import type { App } from '../app.ts';

interface Options {
  /** The folder that the pages were built into. */
  readonly built: string;
  /** Where their scripts and styles are asked for, as in `/assets/`; their names say what is in them. */
  readonly assets: string;
  /** Addresses of the pages; each is the same document, which shows the page by its address. */
  readonly pages: readonly string[];
  /** The content security policy of this moment. */
  readonly policy: () => string;
}

/** Serves the pages of a service where they have been built. */
export async function servePages(app: App, { assets, built, pages, policy }: Options): Promise<void> {
  if (!existsSync(join(built, 'index.html'))) return;
  await app.register(fastifyStatic, {
    ...{ root: join(built, 'assets'), prefix: assets, index: false, immutable: true, maxAge: '365d' },
    setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
  });
  for (const page of pages) {
    app.get(page, { schema: { hide: true } }, async (_request, reply) => {
      reply.header('content-security-policy', policy()).header('referrer-policy', 'same-origin');
      return await reply.sendFile('index.html', built, { immutable: false, maxAge: 0 });
    });
  }
}
