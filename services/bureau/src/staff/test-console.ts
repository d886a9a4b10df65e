import { systemClock, systemRandom } from '@causeway/kernel';
import type { Clock } from '@causeway/kernel';
import { directoryWith } from '@causeway/protocol/federation.fixture';
import { startIdentityProvider } from '@causeway/sandbox/identity-provider/index';
import { sandboxStaff } from '@causeway/sandbox/people/staff';
import type { DirectoryView } from '@causeway/protocol';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createMetrics, publicApp } from '@causeway/service';
import type { App } from '@causeway/service';
import { staffAuthentication } from '@causeway/service/staff/open-desk';
import { atProvider, signInAs, visit } from '@causeway/service/staff/staff-visits.fixture';
import type { Jar } from '@causeway/service/staff/staff-visits.fixture';

import type { Bureau } from '../bureau.ts';
import { openConsole } from '../console/open-console.ts';
import { createBatches } from '../publishing/batches.ts';
import { createWorld } from '../test-world.ts';
import { staffRoles } from './roles.ts';

export const publicUrl = 'http://localhost:7401';
/** Small, so that a test can send more. */
export const uploadBytesMax = 65_536;
export const sessionName = '__Host-causeway-bureau';
const clientId = 'console';
const otherClient = 'other';

export { cookieOf } from '@causeway/service/staff/staff-visits.fixture';
export type { Jar } from '@causeway/service/staff/staff-visits.fixture';

/** A bureau's console before a real identity provider, and browsers of its staff and of others. */
export async function createConsole(database: TestDatabase) {
  const world = await createWorld(database);
  let passedMs = 0;
  const clock: Clock = {
    now: () => systemClock.now() + passedMs,
    monotonic: () => systemClock.monotonic() + passedMs,
  };
  const bureaus = ['central', 'lotus'].map((id) => ({ id, legalName: id, role: 'bureau' as const }));
  const back = `${publicUrl}/v1/sign-in/return`;
  const idp = await startIdentityProvider({
    ...{ port: 0, clientId: 'portal', redirectUris: [back], staff: sandboxStaff(bureaus) },
    suggestions: [{ id: 'li-na', name: '李娜', story: '', choice: { person: lina } }],
    staffClients: [clientId, otherClient].map((id) => ({ clientId: id, redirectUris: [back] })),
  });
  const listed = { status: 'active' as MemberEntry['status'], roles: [...staffRoles] as string[] };
  /** The directory of the world, with what it says of the bureau's staff. */
  const viewFor = (client_id: string): DirectoryView => {
    const view = world.directory.current;
    const entry = view.member('central');
    const staff = { issuer: idp.issuer, client_id, roles: listed.roles };
    const changed = entry && { ...entry, status: listed.status, staff };
    return { ...view, member: (id) => (id === 'central' ? changed : view.member(id)) };
  };
  const bureau: Bureau = { ...world.bureau, clock };
  const appAt = async (id: string): Promise<App> => {
    const { log } = bureau;
    const made = await publicApp({
      ...{ name: 'bureau', title: 'test', log, clock, random: systemRandom, metrics: createMetrics() },
    });
    const held = () => ({ statements: [], pairs: [] as never });
    const authentication = staffAuthentication({});
    const batches = createBatches(bureau);
    const options = { publicUrl, batches, held, sourceHealth: undefined, authentication, uploadBytesMax };
    const directory = { ...bureau.directory, view: () => viewFor(id) };
    await openConsole(made, { ...bureau, directory }, options);
    return made;
  };
  const apps = new Map<string, App>();
  for (const id of [clientId, otherClient, 'portal']) apps.set(id, await appAt(id));
  const app = apps.get(clientId) as App;
  return {
    ...{ app, bureau, world, idp },
    /** The clock goes on by this much. */
    pass: (ms: number) => void (passedMs += ms),
    /** From now on the directory lists this bureau with these roles only. */
    listedAs: (roles: ('bureau' | 'lender')[]) => {
      const entry = world.directory.current.member('central');
      if (entry === undefined) throw new RangeError('the fixture has no such bureau');
      const changed = { ...entry, roles };
      const view = directoryWith().view;
      world.directory.current = { ...view, member: (id) => (id === 'central' ? changed : view.member(id)) };
    },
    /** From now on its entry says this of its staff or its status. */
    listed,
    /** The clock and the directory as they were. */
    reset: () => {
      passedMs = 0;
      Object.assign(listed, { status: 'active', roles: [...staffRoles] });
      world.directory.current = directoryWith().view;
    },
    visit: async (url: string, cookies?: Jar) => await visit(app, url, cookies),
    atProvider,
    /** Signs in as somebody, at this client of the provider. */
    signIn: async (person: string, client = clientId, takenAs = client) =>
      await signInAs(apps.get(client) as App, person, '', apps.get(takenAs)),
    close: async () => {
      for (const each of apps.values()) await each.close();
      await idp.stop();
      await world.close();
    },
  };
}

const lina = { scheme: 'gb11643', value: '990000199003070025' };
