import { join } from 'node:path';
import type { Clock, Random } from '@causeway/kernel';
import type { DirectoryView } from '@causeway/protocol/directory';
import type { App } from '@causeway/service/app';
import type { NodeKeys } from '@causeway/service/node-keys';
import { pagePolicy } from '@causeway/service/pages/page-policy';
import { servePages } from '@causeway/service/pages/serve-pages';
import type { Authentication } from '@causeway/service/sign-in/authentication';
import { openStaffDesk } from '@causeway/service/staff/open-desk';
import { readsOfStaff } from '@causeway/service/staff/staff-store';
import type { Kysely } from 'kysely';
import { Type } from 'typebox';
import { reconciliationState } from '../reconciliation/route.ts';
import { supervisionTable } from '../staff/roles.ts';
import type { AuthorityTables } from '../tables.ts';
import { membersView } from './members-view.ts';

interface Options {
  readonly me: string;
  readonly publicUrl: string;
  /** How the staff must sign in. */
  readonly authentication: Authentication;
  readonly sealing: Uint8Array;
  readonly held: NodeKeys['held'];
  readonly db: Kysely<AuthorityTables>;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: { view(): DirectoryView };
}

/** Where the build puts the pages. */
const built = join(import.meta.dirname, '../../web/dist');
const places = ['', 'members', 'reads'];
const tags = ['console'];
/** Alarms that the overview shows, the newest. */
const alarmsMax = 100;
const before = Type.Object(
  { before: Type.Optional(Type.Integer({ minimum: 1 })) },
  { additionalProperties: false },
);

/** The supervision console: sign-in of the authority's staff, what they read, and the pages. No acts. */
export async function openConsole(app: App, options: Options): Promise<void> {
  const { clock, db, directory, me } = options;
  const house = { role: 'authority', only: me } as const;
  const desk = openStaffDesk(app, { ...options, service: 'authority', house, table: supervisionTable });
  app.get('/v1/console/self', { schema: { tags }, ...desk.may('self.read') }, async ({ staff }) =>
    desk.self(staff),
  );
  app.get('/v1/console/overview', { schema: { tags }, ...desk.may('overview.read') }, async () => ({
    health: await app.health(),
    reconciliation: await reconciliationState({ clock, db, directory }, alarmsMax),
  }));
  app.get(
    '/v1/console/members',
    { schema: { tags }, ...desk.may('members.read') },
    async () => await membersView(options),
  );
  app.get(
    '/v1/console/staff-reads',
    { schema: { tags, querystring: before }, ...desk.may('staff_reads.read') },
    async ({ query }) => await readsOfStaff(db, me, query.before),
  );
  const pages = ['/console', ...places.map((place) => `/console/${place}`)];
  await servePages(app, { built, assets: '/console/assets/', pages, policy: () => pagePolicy([]) });
}
