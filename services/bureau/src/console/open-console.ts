import type { App, NodeKeys } from '@causeway/service';
import { signInProvider } from '@causeway/service/sign-in/identity-provider';
import { identityProviderFetch } from '@causeway/service/sign-in/identity-provider-fetch';
import { identityProviderKeys } from '@causeway/service/sign-in/identity-provider-keys';
import { returnPath } from '@causeway/service/sign-in/sign-in-flow';

import type { Bureau } from '../bureau.ts';
import type { Batches } from '../publishing/batches.ts';
import type { SourceHealth } from '../sources/source.ts';
import { StaffDesk } from '../staff/desk.ts';
import { staffRoutes } from '../staff/route.ts';
import { staffTokenReader } from '../staff/staff-token.ts';
import { consolePages } from './pages.ts';
import { consoleRoutes } from './route.ts';

/** What a browser can take a digest of in memory. */
const browserBytesMax = 268_435_456;

interface Options {
  /** Whose id_tokens say who is staff, and the console's client id there. */
  readonly issuer: string;
  readonly clientId: string;
  readonly publicUrl: string;
  readonly batches: Batches;
  /** Bytes of a file that a browser sends. */
  readonly uploadBytesMax?: number;
  readonly held: NodeKeys['held'];
  readonly sourceHealth: (() => Promise<SourceHealth>) | undefined;
}

/** The console of a bureau: sign-in of its staff, what they read and do, and the pages. */
export async function openConsole(app: App, bureau: Bureau, options: Options): Promise<void> {
  const { clientId, held, issuer, publicUrl, sourceHealth } = options;
  const { clock } = bureau;
  const ask = identityProviderFetch(clock);
  const keys = identityProviderKeys(issuer, ask);
  const readToken = staffTokenReader({ issuer, clientId, keys, clock, me: bureau.me });
  const desk = new StaffDesk({ ...bureau, publicUrl, readToken });
  const provider = signInProvider({ issuer, clientId, ask, redirectUri: `${publicUrl}${returnPath}` });
  staffRoutes(app, desk, { ...bureau, publicUrl, provider });
  const { batches, uploadBytesMax = browserBytesMax } = options;
  consoleRoutes(app, { bureau, batches, desk, held, sourceHealth, uploadBytesMax });
  await consolePages(app);
}
