import { systemClock, systemRandom } from '@causeway/kernel/system';
import type { DirectoryView } from '@causeway/protocol/directory';
import { directoryWith, entryOf } from '@causeway/protocol/federation.fixture';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import { type IdentityProvider, startIdentityProvider } from '@causeway/sandbox/identity-provider/index';
import { SUPERVISION, sandboxStaff } from '@causeway/sandbox/people/staff';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import type { App } from '@causeway/service/app';
import { type Database, createDatabase } from '@causeway/service/database';
import { createMetrics } from '@causeway/service/metrics';
import { publicApp } from '@causeway/service/public-app';
import { memoryLog } from '@causeway/service/shell.fixture';
import { staffAuthentication } from '@causeway/service/staff/open-desk';
import { mayDo } from '@causeway/service/staff/staff-roles';
import { type Jar, cookieOf, signInAs, visit } from '@causeway/service/staff/staff-visits.fixture';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type SupervisionPermission, supervisionRoles, supervisionTable } from '../staff/roles.ts';
import type { AuthorityTables } from '../tables.ts';
import { openConsole } from './open-console.ts';

const publicUrl = 'http://localhost:7100';
const clientId = 'supervision';
const sessionName = '__Host-causeway-authority';
const { log } = memoryLog();

let server: TestDatabase;
let database: Database<AuthorityTables>;
let idp: IdentityProvider;
let app: App;
let view: DirectoryView;
const jars = new Map<string, Jar>();

/** The directory with this said of the authority's staff. */
function listing(roles: readonly string[], issuer = idp.issuer): DirectoryView {
  const staff = { issuer, client_id: clientId, roles: [...roles] };
  const own: MemberEntry = { ...entryOf('central'), id: 'authority', roles: ['authority'], keys: [], staff };
  return directoryWith([own, entryOf('evergreen', { status: 'suspended' })]).view;
}

beforeAll(async () => {
  server = await testDatabase({ migrations: 'authority' });
  database = createDatabase({ url: server.url, name: 'test', log });
  idp = await startIdentityProvider({
    ...{ port: 0, clientId: 'portal', redirectUris: [], staff: sandboxStaff([SUPERVISION]) },
    staffClients: [{ clientId, redirectUris: [`${publicUrl}/v1/sign-in/return`] }],
  });
  view = listing(supervisionRoles);
  app = await publicApp({
    ...{ log, clock: systemClock, random: systemRandom, name: 'authority', title: 't' },
    metrics: createMetrics(),
  });
  app.addReadiness('database', () => true);
  await openConsole(app, {
    ...{ me: 'authority', publicUrl, db: database.db, clock: systemClock, random: systemRandom },
    ...{ directory: { view: () => view }, sealing: new Uint8Array(32).fill(7) },
    ...{ held: () => ({ statements: [], pairs: [] as never }), authentication: staffAuthentication({}) },
  });
  for (const role of supervisionRoles) jars.set(role, (await signInAs(app, `authority.${role}`)).set);
});
afterEach(() => {
  view = listing(supervisionRoles);
});
afterAll(async () => {
  await app.close();
  await idp.stop();
  await database.close();
  await server.drop();
});

const count = async (table: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM ${sql.table(table)}`.execute(
    database.db,
  );
  return rows[0]?.n ?? 0;
};
const as = async (role: string, url: string) => await visit(app, url, jars.get(role));

const routes: Record<string, SupervisionPermission> = {
  '/v1/console/self': 'self.read',
  '/v1/console/overview': 'overview.read',
  '/v1/console/members': 'members.read',
  '/v1/console/staff-reads': 'staff_reads.read',
};

describe('a role', () => {
  it('lists every route of the console here, and none of them changes anything', () => {
    const { paths } = app.swagger() as { paths: Record<string, Record<string, unknown>> };
    const described = Object.entries(paths).filter(([path]) => path.startsWith('/v1/console/'));
    expect(described.map(([path]) => path).toSorted()).toEqual(Object.keys(routes).toSorted());
    for (const [, methods] of described) expect(Object.keys(methods)).toEqual(['get']);
  });

  it.each(supervisionRoles)(
    'S58 S68 %s sees what is its own, leaves a trace, and sees nothing else',
    async (role) => {
      for (const [url, needs] of Object.entries(routes)) {
        const before = await count('staff_read');
        const may = mayDo(supervisionTable, [role], needs);
        expect([url, (await as(role, url)).status]).toEqual([url, may ? 200 : 403]);
        const traced = may && supervisionTable.permissions[needs].traced ? 1 : 0;
        expect([url, (await count('staff_read')) - before]).toEqual([url, traced]);
        expect((await visit(app, url)).status).toBe(401);
      }
    },
  );

  it('is told who looked, in which role and at what; the service can change none of it', async () => {
    const { items } = JSON.parse((await as('auditor', '/v1/console/staff-reads')).text) as {
      items: object[];
    };
    expect(items).toContainEqual(
      expect.objectContaining({
        ...{ person: 'staff:authority.supervisor', roles: ['supervisor'], what: 'members.read' },
      }),
    );
    await expect(database.pool.query('DELETE FROM staff_read')).rejects.toThrow('permission denied');
    await expect(database.pool.query('UPDATE staff_read SET what = NULL')).rejects.toThrow(
      'permission denied',
    );
  });
});

describe('what is shown', () => {
  it('of members is what the directory says, and nothing of persons', async () => {
    const { text } = await as('supervisor', '/v1/console/members');
    const { items } = JSON.parse(text) as { items: { id: string }[] };
    const found = new Map(items.map((item) => [item.id, item]));
    expect(found.get('evergreen')).toMatchObject({ status: 'suspended', class: 'A', roles: ['lender'] });
    expect(found.get('authority')).toMatchObject({ staff: { issuer: idp.issuer, roles: supervisionRoles } });
    expect([...found.keys()]).toContain('central');
    expect(text).not.toContain('郑督');
    expect(text).not.toContain('client_id');
  });

  it('of the federation is the reconciliation and this node’s conditions', async () => {
    const told = JSON.parse((await as('supervisor', '/v1/console/overview')).text) as object;
    expect(told).toMatchObject({
      health: { checks: { database: true } },
      reconciliation: { alarms_open: 0, members: expect.arrayContaining([]) as unknown },
    });
  });
});

describe('nothing is opened, and nothing stays open', () => {
  const opened = async (): Promise<number> =>
    (await count('staff_session')) + (await count('used_staff_token'));

  it.each([
    ['somebody without a role', 'authority.visitor', 'You have no role'],
    ['somebody without a second factor', 'authority.one_factor', 'A second factor is needed'],
  ])('for %s', async (_, person, words) => {
    const before = await opened();
    const { set, status, text } = await signInAs(app, person);
    expect([status, set.size]).toEqual([403, 0]);
    expect(text).toContain(words);
    expect(await opened()).toBe(before);
  });

  it.each([
    ['the staff of another member', '?member=central'],
    ['a member that is none', '?member=nobody'],
  ])('for %s, and both look the same', async (_, asked) => {
    const { set, status, text } = await visit(app, `/v1/sign-in${asked}`);
    expect([status, set.size]).toEqual([403, 0]);
    expect(text).toContain('You have no role');
  });

  it.each([
    ['the role', () => listing(['auditor'])],
    ['the provider', () => listing(supervisionRoles, 'http://localhost:1')],
    ['all staff', () => directoryWith().view],
  ])('once the entry has lost %s, from the next request on', async (_, changed) => {
    expect((await as('supervisor', '/v1/console/self')).status).toBe(200);
    view = changed();
    expect((await as('supervisor', '/v1/console/self')).status).toBe(403);
    view = listing(supervisionRoles);
    expect((await as('supervisor', '/v1/console/self')).status).toBe(200);
  });

  it('by a cookie of another service', async () => {
    const session = jars.get('supervisor')?.get(sessionName) ?? '';
    for (const name of ['__Host-causeway-bureau', '__Host-causeway-broker', 'causeway-authority']) {
      expect((await visit(app, '/v1/console/self', new Map([[name, session]]))).status).toBe(401);
    }
  });

  it('by a page of another site: it signs nobody out', async () => {
    const { set } = await signInAs(app, 'authority.auditor');
    const out = async (origin: string) =>
      await app.inject({
        ...{ method: 'POST', url: '/v1/sign-out', payload: {} },
        headers: { cookie: cookieOf(set), origin },
      });
    expect((await out('https://evil.example')).statusCode).toBe(401);
    expect((await visit(app, '/v1/console/self', set)).status).toBe(200);
    expect((await out(publicUrl)).statusCode).toBe(204);
    expect((await visit(app, '/v1/console/self', set)).status).toBe(401);
  });
});
