import { CausewayError } from '@causeway/protocol';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';

/**
 * The portal's session in a browser. Cookies ignore ports, so that each service of a machine has a name of
 * its own; the prefix binds it to this host over TLS (RFC 6265bis), or to localhost.
 */
const sessionCookie = '__Host-causeway-consumer';

const bound = { path: '/', secure: true, httpOnly: true } as const;

/** The `Set-Cookie` line that gives a browser its session for as long as it lives. */
export function keepSession(session: string, expiresMs: number): string {
  const expires = new Date(expiresMs);
  return stringifySetCookie({ name: sessionCookie, value: session, ...bound, sameSite: 'lax', expires });
}

/** The line that takes it away. */
export function dropSession(): string {
  return stringifySetCookie({ name: sessionCookie, value: '', ...bound, sameSite: 'lax', maxAge: 0 });
}

const readsOnly: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * The session that a browser sends by itself; undefined where there is none. What changes something must come
 * from a page of our own: a browser names the page's origin with every such request (Fetch, section 3.2).
 * Throws `token_invalid` for a page of another site.
 */
export function cookieSession(
  { headers, method }: Pick<FastifyRequest, 'headers' | 'method'>,
  publicUrl: string,
): string | undefined {
  const session = headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[sessionCookie];
  if (session === undefined || session === '') return undefined;
  if (!readsOnly.has(method) && headers.origin !== publicUrl) {
    throw new CausewayError('token_invalid', { detail: 'A page of another site may not act here.' });
  }
  return session;
}
