import { join } from 'node:path';
import type { App } from '@causeway/service';
import { pagePolicy } from '@causeway/service/pages/page-policy';
import { servePages } from '@causeway/service/pages/serve-pages';

/** Where the build puts the console. */
const built = join(import.meta.dirname, '../../web/dist');
const places = ['', 'batches', 'batches/one', 'adapter', 'rules', 'rules/one', 'disputes', 'reads'];

/** Serves the console where it has been built. It talks to this service and to nobody else. */
export async function consolePages(app: App): Promise<void> {
  const pages = ['/console', ...places.map((place) => `/console/${place}`)];
  await servePages(app, { built, assets: '/console/assets/', pages, policy: () => pagePolicy([]) });
}
