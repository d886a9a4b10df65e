import { systemClock, systemRandom } from '@causeway/kernel';
import type { Clock } from '@causeway/kernel';
import { directoryWith } from '@causeway/protocol/federation.fixture';
import { startIdentityProvider } from '@causeway/sandbox/identity-provider/index';
import { sandboxStaff } from '@causeway/sandbox/people/staff';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createMetrics, publicApp } from '@causeway/service';
import type { App } from '@causeway/service';

import type { Bureau } from '../bureau.ts';
import { openConsole } from '../console/open-console.ts';
import { createBatches } from '../publishing/batches.ts';
import { createWorld } from '../test-world.ts';

export const publicUrl = 'http://localhost:7401';
/** Small, so that a test can send more. */
export const uploadBytesMax = 65_536;
export const sessionName = '__Host-causeway-bureau';
const clientId = 'console';
const otherClient = 'other';

export type Jar = ReadonlyMap<string, string>;

/** What a browser was answered. */
interface Reply {
  readonly status: number;
  readonly to: string;
  readonly set: Jar;
  readonly text: string;
  readonly type: string;
}

/** A bureau's console before a real identity provider, and browsers of its staff and of others. */
export async function createConsole(database: TestDatabase) {
  const world = await createWorld(database);
  let passedMs = 0;
  const clock: Clock = {
    now: () => systemClock.now() + passedMs,
    monotonic: () => systemClock.monotonic() + passedMs,
  };
  const bureaus = ['central', 'lotus'].map((id) => ({ id, legalName: id }));
  const back = `${publicUrl}/v1/sign-in/return`;
  const idp = await startIdentityProvider({
    ...{ port: 0, clientId: 'portal', redirectUris: [back], staff: sandboxStaff(bureaus) },
    suggestions: [{ id: 'li-na', name: '李娜', story: '', choice: { person: lina } }],
    staffClients: [clientId, otherClient].map((id) => ({ clientId: id, redirectUris: [back] })),
  });
  const bureau: Bureau = { ...world.bureau, clock };
  const appAt = async (id: string): Promise<App> => {
    const { log } = bureau;
    const made = await publicApp({
      ...{ name: 'bureau', title: 'test', log, clock, random: systemRandom, metrics: createMetrics() },
    });
    const held = () => ({ statements: [], pairs: [] as never });
    const options = { issuer: idp.issuer, clientId: id, publicUrl, held, sourceHealth: undefined };
    const batches = createBatches(bureau);
    await openConsole(made, bureau, { ...options, batches, uploadBytesMax });
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
    /** The clock and the directory as they were. */
    reset: () => {
      passedMs = 0;
      world.directory.current = directoryWith().view;
    },
    ...browsing(apps, app, idp.issuer),
    close: async () => {
      for (const each of apps.values()) await each.close();
      await idp.stop();
      await world.close();
    },
  };
}

const lina = { scheme: 'gb11643', value: '990000199003070025' };

function browsing(apps: ReadonlyMap<string, App>, app: App, issuer: string) {
  const visit = async (url: string, cookies: Jar = new Map(), at: App = app): Promise<Reply> => {
    const cookie = cookieOf(cookies);
    const answer = await at.inject({ url, headers: cookie === '' ? {} : { cookie } });
    const lines = [answer.headers['set-cookie'] ?? []].flat();
    const pairs = lines.map((line) => (line.split(';')[0] ?? '').split('=') as [string, string]);
    return {
      ...{ status: answer.statusCode, to: String(answer.headers.location ?? ''), text: answer.body },
      ...{ set: new Map(pairs.filter(([, value]) => value !== '')) },
      type: String(answer.headers['content-type'] ?? ''),
    };
  };
  /** Signs in at the provider's form; where the browser is sent back to. */
  const atProvider = async (to: string, person: string): Promise<string> => {
    const jar = new Map<string, string>();
    const go = async (url: string, body?: URLSearchParams) => {
      const answer = await fetch(new URL(url, issuer), {
        ...{ redirect: 'manual', headers: { cookie: cookieOf(jar) }, method: body ? 'POST' : 'GET' },
        ...(body && { body }),
      });
      for (const line of answer.headers.getSetCookie()) {
        const pair = line.split(';')[0] ?? '';
        jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
      }
      return answer.headers.get('location') ?? '';
    };
    const form = await go(to);
    const back = new URL(await go(await go(form, new URLSearchParams({ person }))));
    return `${back.pathname}${back.search}`;
  };
  return {
    visit,
    atProvider,
    /** Signs in as somebody, at this client of the provider. */
    signIn: async (person: string, client = clientId, takenAs = client): Promise<Reply> => {
      const begun = await visit('/v1/sign-in', new Map(), apps.get(client));
      return await visit(await atProvider(begun.to, person), begun.set, apps.get(takenAs));
    },
  };
}

export const cookieOf = (cookies: Jar): string => [...cookies].map((pair) => pair.join('=')).join('; ');
