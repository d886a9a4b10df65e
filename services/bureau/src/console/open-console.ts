import type { App, NodeKeys } from '@causeway/service';
import { openStaffDesk } from '@causeway/service/staff/open-desk';
import type { Authentication } from '@causeway/service/sign-in/authentication';

import type { Bureau } from '../bureau.ts';
import type { Batches } from '../publishing/batches.ts';
import type { SourceHealth } from '../sources/source.ts';
import { staffTable } from '../staff/roles.ts';
import { consolePages } from './pages.ts';
import { consoleRoutes } from './route.ts';

/** What a browser can take a digest of in memory. */
const browserBytesMax = 268_435_456;

interface Options {
  readonly publicUrl: string;
  /** How the staff must sign in. */
  readonly authentication: Authentication;
  readonly batches: Batches;
  /** Bytes of a file that a browser sends. */
  readonly uploadBytesMax?: number;
  readonly held: NodeKeys['held'];
  readonly sourceHealth: (() => Promise<SourceHealth>) | undefined;
}

/** The console of a bureau: sign-in of its staff, what they read and do, and the pages. */
export async function openConsole(app: App, bureau: Bureau, options: Options): Promise<void> {
  const { authentication, batches, held, publicUrl, sourceHealth } = options;
  const { uploadBytesMax = browserBytesMax } = options;
  const house = { role: 'bureau', only: bureau.me } as const;
  const desk = openStaffDesk(app, {
    ...{ ...bureau, service: 'bureau', house, table: staffTable, authentication, publicUrl },
  });
  consoleRoutes(app, { bureau, batches, desk, held, sourceHealth, uploadBytesMax });
  await consolePages(app);
}
