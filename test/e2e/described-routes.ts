import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { sha256Digest } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { type Answer, request } from './answers.ts';

export const MEMBERS = ['authority', 'consumer', 'broker', 'central', 'lotus', 'harbour'];

const uuid = uuidv7(systemClock, systemRandom);
const digest = sha256Digest('nothing');
const subjectRef = `s1.1.${digest.slice('sha-256:'.length)}`;

/** Routes that take a file, read by a mapping. */
const FILES = new Set(['/v1/batches', '/v1/console/batches', '/v1/console/checks']);

/** Bodies that are in order but for the credential, which stands where `credential` does. */
const BODIES: Record<string, (credential: string | undefined) => unknown> = {
  'POST /v1/subject-refs': () => ({ blinded: [subjectRef.slice(5)] }),
  'POST /v1/consent-requests': () => ({
    ...{
      subject_ref: subjectRef,
      kind: 'query',
      purposes: ['LOAN_APPROVAL'],
      categories: ['ACCOUNT_SUMMARY'],
    },
    ...{ bureaus: ['central'], valid_days: 30, fetch: 'once', max_uses: 1 },
    ...{ recipient_retention: 'P1Y', language: 'en' },
  }),
  'POST /v1/assisted-consents': () => ({ assistance: 'x.y.z' }),
  'POST /v1/assisted-consents/{id}/code': () => ({ code: '00000000' }),
  'POST /v1/provision-requests': () => ({
    ...{ subject_ref: subjectRef, categories: ['ACCOUNT_DETAIL'], bureaus: ['central'] },
    ...{ contract: 'Loan 1', valid_days: 30, language: 'en' },
  }),
  'POST /v1/consent-requests/{id}/choice': () => ({ categories: ['SCORE'], bureaus: ['central'] }),
  'POST /v1/sessions': (credential) => withToken(credential, {}),
  'POST /v1/consents': (credential) => withToken(credential, { request: uuid }),
  'POST /v1/consents/{id}/revocation': (credential) => withToken(credential, {}),
  'POST /v1/consents/{id}/pause': (credential) => withToken(credential, {}),
  'POST /v1/consents/{id}/resumption': (credential) => withToken(credential, {}),
  'POST /v1/freezes': (credential) => withToken(credential, {}),
  'POST /v1/freezes/{id}/thaw': (credential) => withToken(credential, {}),
  'POST /v1/freezes/{id}/windows': (credential) => withToken(credential, { lender: 'abc-bank', minutes: 60 }),
  'POST /v1/fraud-alerts': () => ({ text: 'Ask me first', days: 30 }),
  'POST /v1/fraud-alerts/{id}/end': (credential) => withToken(credential, {}),
  'POST /v1/channels': () => ({ kind: 'email', target: 'somebody@example.com' }),
  'POST /v1/reminders': () => ({ on: true }),
  'POST /v1/channels/{id}/confirmation': () => ({ code: '00000000' }),
  'POST /v1/erasure': (credential) => withToken(credential, {}),
  'POST /v1/link-requests': (credential) => withToken(credential, {}),
  'POST /v1/identities': (credential) => withToken(credential, {}),
  'POST /v1/warrants': signedAct,
  'POST /v1/guardianships': signedAct,
  'POST /v1/mandate-codes': () => ({ name: 'Somebody' }),
  'POST /v1/members': signedAct,
  'POST /v1/members/{id}/acts': signedAct,
  'POST /v1/mappings': () => ({ v: 1 }),
  'POST /v1/console/mappings': () => ({ v: 1 }),
};

const withToken = (credential: string | undefined, rest: object) =>
  credential === undefined ? rest : { ...rest, id_token: credential };

function signedAct(credential: string | undefined) {
  if (credential === undefined) return {};
  const signatures = credential === '' ? [] : [{ protected: credential, signature: credential }];
  return { act: { payload: credential, signatures } };
}

export interface Route {
  member: string;
  method: string;
  path: string;
  consumes: string | undefined;
  /** Sent without a body, as HEAD must be. */
  bodiless?: boolean;
}

interface ApiDescription {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, unknown> } }>>;
}

/** Every route of every service, as each describes itself. */
export async function describedRoutes(federation: Federation): Promise<Route[]> {
  const all = MEMBERS.map(async (member) => {
    const { body } = await request(`${federation.url(member)}/openapi.json`);
    return Object.entries((body as unknown as ApiDescription).paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { requestBody }]) => {
        const [consumes] = Object.keys(requestBody?.content ?? {});
        return { member, method: method.toUpperCase(), path, consumes };
      }),
    );
  });
  return (await Promise.all(all)).flat();
}

export const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** One request to a route, its credential absent, blank or rubbish, everything else in order. */
export function attempt(
  federation: Federation,
  route: Route,
  credential?: string,
  scheme = '',
): Promise<Answer> {
  const { method } = route;
  const headers: Record<string, string> = { 'idempotency-key': uuid };
  if (credential !== undefined) {
    headers['authorization'] = `${scheme} ${credential}`.trim();
    headers['dpop'] = credential;
  }
  const url = urlOf(federation, route);
  const body = route.bodiless ? undefined : bodyFor(route, credential);
  if (body === undefined) return request(url, { method, headers });
  return request(url, { method, headers: { ...headers, 'content-type': typeOf(route) }, body });
}

/** Where the route is, with ids that nothing has. */
export function urlOf(federation: Federation, { member, path }: Route): string {
  const memberId = path.startsWith('/v1/members') ? 'abc-bank' : uuid;
  const filled = path.replace('{id}', memberId).replaceAll(/\{(digest|batch)\}/g, encodeURIComponent(digest));
  const query = FILES.has(path) ? `?mapping=${encodeURIComponent(digest)}` : '';
  return `${federation.url(member)}${filled}${query}`;
}

/** The media type of its body. */
export const typeOf = ({ consumes, path }: Route): string =>
  FILES.has(path) ? 'text/csv' : (consumes ?? 'application/json');

/** A body in order but for the credential; undefined where the route takes none. */
export function bodyFor(route: Route, credential: string | undefined): string | undefined {
  if (route.consumes === 'application/jose') return credential;
  if (FILES.has(route.path) && route.method === 'POST') return 'id,balance\n1,2\n';
  const body = BODIES[nameOf(route)]?.(credential);
  return body === undefined ? undefined : JSON.stringify(body);
}
