import { systemClock, systemRandom } from '@causeway/kernel';
import type { DirectoryView } from '@causeway/protocol';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import { startIdentityProvider } from '@causeway/sandbox/identity-provider/index';
import type { IdentityProvider } from '@causeway/sandbox/identity-provider/index';
import { sandboxStaff } from '@causeway/sandbox/people/staff';
import { createMetrics, publicApp } from '@causeway/service';
import type { App } from '@causeway/service';
import { staffAuthentication } from '@causeway/service/staff/open-desk';
import { mayDo } from '@causeway/service/staff/staff-roles';
import { atProvider, signInAs, visit } from '@causeway/service/staff/staff-visits.fixture';
import type { Jar } from '@causeway/service/staff/staff-visits.fixture';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { Broker } from '../broker.ts';
import { lenderRoles, lenderTable } from '../staff/roles.ts';
import type { LenderPermission } from '../staff/roles.ts';
import { subject } from '../test-peers.ts';
import { createWorld } from '../test-world.ts';
import type { World } from '../test-world.ts';
import { openConsole } from './open-console.ts';

const publicUrl = 'http://localhost:7300';
const lenders = ['abc-bank', 'evergreen'];
const clientOf = (lender: string): string => `console-${lender}`;

let world: World;
let idp: IdentityProvider;
let app: App;
/** What entries say of lenders, beyond the world's. */
let said: ReadonlyMap<string, Partial<MemberEntry>>;
const jars = new Map<string, Jar>();
/** Inquiries by lender, as it knows them. */
const ids = new Map<string, string>();

const usual = (): ReadonlyMap<string, Partial<MemberEntry>> =>
  new Map(
    lenders.map((id) => [
      id,
      { staff: { issuer: idp.issuer, client_id: clientOf(id), roles: [...lenderRoles] } },
    ]),
  );

function view(): DirectoryView {
  const of = (entry: MemberEntry | undefined) => entry && { ...entry, ...said.get(entry.id) };
  const now = world.members.view;
  return {
    ...now,
    member: (id) => of(now.member(id)),
    membersWith: (role) => now.membersWith(role).flatMap((entry) => of(entry) ?? []),
  };
}

beforeAll(async () => {
  world = await createWorld();
  const back = [`${publicUrl}/v1/sign-in/return`];
  const employers = lenders.map((id) => ({ id, legalName: id, role: 'lender' as const }));
  idp = await startIdentityProvider({
    ...{ port: 0, clientId: 'portal', redirectUris: [], staff: sandboxStaff(employers) },
    staffClients: lenders.map((id) => ({ clientId: clientOf(id), redirectUris: back })),
  });
  said = usual();
  for (const lender of lenders) {
    const key = await world.accepted(world.inquiry({}, lender));
    ids.set(lender, key.slice(0, key.indexOf('.')));
  }
  // The console goes by the time of the identity provider, and the world's stands still.
  const broker: Broker = {
    ...world.broker,
    clock: systemClock,
    directory: { ...world.broker.directory, view },
  };
  await sql`UPDATE inquiry SET accepted_ms = ${systemClock.now()}`.execute(broker.db);
  await sql`
    INSERT INTO inquiry_bureau (inquiry, bureau, state, next_at_ms, seq, code)
    SELECT inquiry, 'central', 'timeout', 0, 1, 'unavailable' FROM inquiry WHERE lender = 'abc-bank'
  `.execute(broker.db);
  const { log } = broker;
  const common = { log, clock: systemClock, random: systemRandom, metrics: createMetrics() };
  app = await publicApp({ ...common, name: 'broker', title: 'test' });
  const sealing = new Uint8Array(32).fill(7);
  await openConsole(app, broker, { publicUrl, sealing, authentication: staffAuthentication({}) });
  for (const lender of lenders) {
    for (const id of ['clerk', 'auditor']) {
      const { set } = await signInAs(app, `${lender}.${id}`, `?member=${lender}`);
      jars.set(`${lender}.${id}`, set);
    }
  }
});
afterEach(() => {
  said = usual();
});
afterAll(async () => {
  await app.close();
  await idp.stop();
  await world.close();
});

const count = async (table: string): Promise<number> => {
  const found = await sql<{ n: number }>`SELECT count(*)::int AS n FROM ${sql.table(table)}`.execute(
    world.broker.db,
  );
  return found.rows[0]?.n ?? 0;
};
const as = async (who: string, url: string) => await visit(app, url, jars.get(who));
const own = (lender: string): string => `/v1/console/inquiries/${ids.get(lender) ?? ''}`;

const routes = (): Record<string, { url: string; needs: LenderPermission }> => ({
  '/v1/console/self': { url: '/v1/console/self', needs: 'self.read' },
  '/v1/console/inquiries': { url: '/v1/console/inquiries', needs: 'inquiries.read' },
  '/v1/console/inquiries/{id}': { url: own('abc-bank'), needs: 'inquiries.find' },
  '/v1/console/errors': { url: '/v1/console/errors', needs: 'errors.read' },
  '/v1/console/staff-reads': { url: '/v1/console/staff-reads', needs: 'staff_reads.read' },
});

describe('a role', () => {
  it('lists every route of the console here, and none of them changes anything', () => {
    const { paths } = app.swagger() as { paths: Record<string, Record<string, unknown>> };
    const described = Object.entries(paths).filter(([path]) => path.startsWith('/v1/console/'));
    const open = '/v1/console/institutions';
    expect(described.map(([path]) => path).toSorted()).toEqual([...Object.keys(routes()), open].toSorted());
    for (const [, methods] of described) expect(Object.keys(methods)).toEqual(['get']);
  });

  it.each([
    ['inquiry_clerk', 'abc-bank.clerk'],
    ['auditor', 'abc-bank.auditor'],
  ])(
    'S58 S68 %s sees what is its own, with a trace where one is due, and nothing else',
    async (role, who) => {
      for (const { needs, url } of Object.values(routes())) {
        const before = await count('staff_read');
        const may = mayDo(lenderTable, [role], needs);
        expect([url, (await as(who, url)).status]).toEqual([url, may ? 200 : 403]);
        const traced = may && lenderTable.permissions[needs].traced ? 1 : 0;
        expect([url, (await count('staff_read')) - before]).toEqual([url, traced]);
        expect((await visit(app, url)).status).toBe(401);
      }
    },
  );
});

describe('a lender’s staff', () => {
  it('see their inquiries of today: what for, where they stand, and nothing of whom', async () => {
    const { text } = await as('abc-bank.clerk', '/v1/console/inquiries');
    const { items, states } = JSON.parse(text) as { items: object[]; states: object[] };
    expect(items).toEqual([
      {
        ...{ id: ids.get('abc-bank'), state: 'accepted', report: false, purpose: 'LOAN_APPROVAL' },
        at: expect.any(String) as unknown,
      },
    ]);
    expect(states).toEqual([{ state: 'accepted', count: 1 }]);
    expect(text).not.toContain(subject);
    expect(text).not.toContain('op-1');
  });

  it.each([
    ['evergreen.clerk', []],
    ['abc-bank.clerk', ['unavailable']],
  ])('S54 %s sees of this week’s errors its own', async (who, codes) => {
    const told = JSON.parse((await as(who, '/v1/console/errors')).text) as { bureaus: { code: string }[] };
    expect([...new Set(told.bureaus.map(({ code }) => code))]).toEqual(codes);
  });

  it('S54 find nothing of another lender, which looks as what is not there', async () => {
    expect((await as('abc-bank.clerk', own('abc-bank'))).status).toBe(200);
    const nobodys = (ids.get('evergreen') ?? '').replace(/^./u, (first) => (first === '0' ? '1' : '0'));
    const theirs = await as('abc-bank.clerk', own('evergreen'));
    const none = await as('abc-bank.clerk', `/v1/console/inquiries/${nobodys}`);
    const spelt = `${ids.get('evergreen') ?? ''}.evergreen`;
    const sly = await as('abc-bank.clerk', `/v1/console/inquiries/${spelt}`);
    const bare = (text: string): object => ({
      ...(JSON.parse(text) as object),
      request_id: '',
      instance: '',
    });
    expect([theirs.status, none.status, sly.status]).toEqual([404, 404, 404]);
    expect(bare(theirs.text)).toEqual(bare(none.text));
    expect((await as('abc-bank.clerk', `${own('abc-bank')}%00`)).status).toBe(400);
    for (const member of ['?lender=evergreen', '?member=evergreen', '?before=0_x']) {
      expect((await as('abc-bank.clerk', `/v1/console/inquiries${member}`)).status).toBe(400);
    }
  });

  it('are traced for their own institution’s auditors alone, by account and not by name', async () => {
    const reads = async (who: string) => (await as(who, '/v1/console/staff-reads')).text;
    const [theirs, ours] = [await reads('evergreen.auditor'), await reads('abc-bank.auditor')];
    expect(ours).toContain('"person":"staff:abc-bank.clerk"');
    expect(ours).toContain(`"about":"${ids.get('abc-bank') ?? ''}"`);
    expect(theirs).not.toContain('abc-bank');
    expect(ours).not.toContain('方询');
  });
});

describe('nothing is opened, and nothing stays open', () => {
  const opened = async (): Promise<number> =>
    (await count('staff_session')) + (await count('used_staff_token'));

  it.each([
    ['another lender’s staff', 'evergreen.clerk', 'abc-bank', 'You have no role'],
    ['somebody without a role', 'abc-bank.visitor', 'abc-bank', 'You have no role'],
    ['somebody without a second factor', 'abc-bank.one_factor', 'abc-bank', 'A second factor is needed'],
  ])('for %s', async (_, person, lender, words) => {
    const before = await opened();
    const { set, status, text } = await signInAs(app, person, `?member=${lender}`);
    expect([status, set.size]).toEqual([403, 0]);
    expect(text).toContain(words);
    expect(await opened()).toBe(before);
  });

  it.each([['central'], ['nobody'], ['broker']])('for %s, which is no lender', async (member) => {
    expect((await visit(app, `/v1/sign-in?member=${member}`)).status).toBe(403);
  });

  it('without naming an institution: the page asks for it', async () => {
    const { set, status, to } = await visit(app, '/v1/sign-in');
    expect([status, to, set.size]).toEqual([303, '/console/', 0]);
  });

  it('for a lender whose entry has lost its staff on the way', async () => {
    const begun = await visit(app, '/v1/sign-in?member=abc-bank');
    const back = await atProvider(begun.to, 'abc-bank.clerk');
    const before = await opened();
    said = new Map();
    expect((await visit(app, back, begun.set)).status).toBe(403);
    expect(await opened()).toBe(before);
  });

  it.each<[string, Partial<MemberEntry>]>([
    ['is suspended', { status: 'suspended' }],
    ['lists no staff', {}],
    ['is no lender any more', { roles: ['bureau'] }],
  ])('S31 once the lender %s, from the next request on; others’ go on', async (_, change) => {
    const { staff } = usual().get('abc-bank') ?? {};
    const kept = Object.keys(change).length === 0 || staff === undefined ? change : { staff, ...change };
    said = new Map([...usual(), ['abc-bank', kept]]);
    for (const { url } of Object.values(routes())) {
      expect([url, (await as('abc-bank.clerk', url)).status]).toEqual([url, 403]);
    }
    expect((await signInAs(app, 'abc-bank.clerk', '?member=abc-bank')).status).toBe(403);
    expect((await as('evergreen.clerk', '/v1/console/self')).status).toBe(200);
  });

  it('by a cookie of another service', async () => {
    const session = jars.get('abc-bank.clerk')?.get('__Host-causeway-broker') ?? '';
    expect(session).not.toBe('');
    for (const name of ['__Host-causeway-bureau', '__Host-causeway-authority', 'causeway-broker']) {
      expect((await visit(app, '/v1/console/self', new Map([[name, session]]))).status).toBe(401);
    }
  });

  it('tells everybody whose staff can sign in, and nothing else', async () => {
    said = new Map([...usual(), ['evergreen', {}]]);
    const { text } = await visit(app, '/v1/console/institutions');
    expect(JSON.parse(text)).toEqual({ items: [{ id: 'abc-bank', legal_name: 'abc-bank' }] });
  });
});
