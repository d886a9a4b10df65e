import { CausewayError } from '@causeway/protocol';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';

export interface SessionCookie {
  /** The `Set-Cookie` line that gives a browser its session for as long as it lives. */
  keep(session: string, expiresMs: number): string;
  /** The line that takes it away. */
  drop(): string;
  /**
   * The session that a browser sends by itself; undefined where there is none. What changes something must
   * come from a page of our own: a browser names the page's origin with every such request (Fetch, section
   * 3.2). Throws `token_invalid` for a page of another site.
   */
  read(request: Pick<FastifyRequest, 'headers' | 'method'>): string | undefined;
}

const bound = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const;
const readsOnly: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * A session in a browser. Cookies ignore ports, so that each service of a machine has a `name` of its own;
 * the prefix `__Host-` binds it to this host over TLS (RFC 6265bis), or to localhost. `publicUrl` is the
 * origin of the service's own pages.
 */
export function sessionCookie(name: `__Host-${string}`, publicUrl: string): SessionCookie {
  return {
    keep: (session, expiresMs) =>
      stringifySetCookie({ name, value: session, ...bound, expires: new Date(expiresMs) }),
    drop: () => stringifySetCookie({ name, value: '', ...bound, maxAge: 0 }),
    read: ({ headers, method }) => {
      const session = headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[name];
      if (session === undefined || session === '') return undefined;
      if (!readsOnly.has(method) && headers.origin !== publicUrl) {
        throw new CausewayError('token_invalid', { detail: 'A page of another site may not act here.' });
      }
      return session;
    },
  };
}
