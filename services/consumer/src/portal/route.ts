import { join } from 'node:path';
import { CausewayError, type DirectoryView, nodesIn } from '@causeway/protocol';
import type { App } from '@causeway/service';
import { pagePolicy } from '@causeway/service/pages/page-policy';
import { servePages } from '@causeway/service/pages/serve-pages';
import type { Consumer } from '../consumer.ts';
import { failedPage } from '../sign-in/failed-page.ts';

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
  const policy = (): string => pagePolicy(ledgersOf(directory));
  await servePages(app, { built, assets: '/assets/', pages, policy });
}
