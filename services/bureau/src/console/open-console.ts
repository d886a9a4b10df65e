import type { App, NodeKeys } from '@causeway/service';
import { openStaffDesk } from '@causeway/service/staff/open-desk';
import type { Authentication } from '@causeway/service/sign-in/authentication';

import type { Bureau } from '../bureau.ts';
import type { SourceHealth } from '../sources/source.ts';
import { staffTable } from '../staff/roles.ts';
import { consolePages } from './pages.ts';
import { consoleRoutes } from './route.ts';

interface Options {
  readonly publicUrl: string;
  /** How the staff must sign in. */
  readonly authentication: Authentication;
  readonly held: NodeKeys['held'];
  readonly sourceHealth: (() => Promise<SourceHealth>) | undefined;
}

/** The console of a bureau: sign-in of its staff, what they read and do, and the pages. */
export async function openConsole(app: App, bureau: Bureau, options: Options): Promise<void> {
  const { authentication, held, publicUrl, sourceHealth } = options;
  const house = { role: 'bureau', only: bureau.me } as const;
  const desk = openStaffDesk(app, {
    ...{ ...bureau, service: 'bureau', house, table: staffTable, authentication, publicUrl },
  });
  consoleRoutes(app, { bureau, desk, held, sourceHealth });
  await consolePages(app);
}
