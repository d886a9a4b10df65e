import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { type TokenClient, sessionNonce } from '@causeway/sdk';
import { bodyFor, describedRoutes, MEMBERS, nameOf, type Route, typeOf, urlOf } from './described-routes.ts';
import { tokensOf } from './token-client.ts';
import { WHO } from './who-may-call.ts';

type Scope = Parameters<TokenClient['headers']>[1];
const SCOPES: readonly Scope[] = [
  ...(['inquiry.read', 'consent.request', 'refs.derive', 'records.publish', 'queue.operate'] as const),
  ...(['disputes.handle', 'corrections.read', 'adverse-actions.report'] as const),
];
const CLIENTS = ['abc-bank', 'central', 'lotus', 'harbour', 'broker', 'consumer', 'authority'];

/** Asks every route as every caller: who is not sent away, by route. */
export async function callersOf(federation: Federation): Promise<Record<string, string>> {
  const routes = await describedRoutes(federation);
  const callers: Caller[] = [
    ...(await Promise.all(CLIENTS.map(async (member) => await byTokens(federation, member)))),
    bySession(await session(federation)),
  ];
  const found: Record<string, string> = {};
  for (const route of routes) {
    if (await isTaken(federation, route, {})) continue;
    const opened = await Promise.all(
      callers.map(async ({ credentials, name }) =>
        (await anyTaken(federation, route, credentials)) ? [name] : [],
      ),
    );
    if (opened.flat().length > 0) found[`${route.member} ${nameOf(route)}`] = opened.flat().join(' ');
  }
  return found;
}

/** Who should not be: the table, for each bureau of this federation. */
export function callersAsWritten(federation: Federation): Record<string, string> {
  const rows: [string, string][] = WHO.flatMap(({ at, for: who, routes }) =>
    (at === 'a bureau' ? federation.card.bureaus : [at]).flatMap((member) =>
      routes.map((route): [string, string] => [`${member} ${route}`, who === 'itself' ? member : who]),
    ),
  );
  return Object.fromEntries(rows);
}

/** All that a caller may come with, for one request. */
interface Caller {
  readonly name: string;
  readonly credentials: (route: Route) => Promise<Record<string, string>[]>;
}

/** Comes with each token that the authority gives it for the service. */
async function byTokens(federation: Federation, member: string): Promise<Caller> {
  const tokens = tokensOf(federation, member);
  const given = new Map<string, readonly Scope[]>();
  for (const service of MEMBERS) {
    const url = federation.url(service);
    const asked = SCOPES.map(async (scope) => {
      const got = await tokens.headers(service, scope, 'GET', url).catch(() => undefined);
      return got === undefined ? [] : [scope];
    });
    given.set(service, (await Promise.all(asked)).flat());
  }
  const credentials = async (route: Route) =>
    await Promise.all(
      (given.get(route.member) ?? []).map(
        async (scope) => await tokens.headers(route.member, scope, route.method, urlOf(federation, route)),
      ),
    );
  return { name: member, credentials };
}

function bySession(token: string): Caller {
  return {
    name: 'person',
    credentials: async () => await Promise.resolve([{ authorization: `Bearer ${token}` }]),
  };
}

async function session(federation: Federation): Promise<string> {
  const nonce = sessionNonce(uuidv7(systemClock, systemRandom));
  return await federation.subject().openSession(await federation.idToken(sandboxSubject('li-na'), nonce));
}

async function anyTaken(
  federation: Federation,
  route: Route,
  credentials: Caller['credentials'],
): Promise<boolean> {
  const all = await credentials(route);
  return (await Promise.all(all.map(async (headers) => await isTaken(federation, route, headers)))).includes(
    true,
  );
}

/** True where the route looks at more than who is calling. */
async function isTaken(
  federation: Federation,
  route: Route,
  credentials: Record<string, string>,
): Promise<boolean> {
  const headers: Record<string, string> = {
    'idempotency-key': uuidv7(systemClock, systemRandom),
    ...credentials,
  };
  const body = bodyFor(route, undefined);
  if (body !== undefined) headers['content-type'] = typeOf(route);
  const answer = await fetch(urlOf(federation, route), {
    ...{ method: route.method, headers, redirect: 'manual' as const, signal: AbortSignal.timeout(30_000) },
    ...(body === undefined ? {} : { body }),
  });
  // Some answers are endless.
  await answer.body?.cancel();
  return ![401, 403].includes(answer.status);
}
