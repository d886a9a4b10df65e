import type { App } from '../app.ts';

export type Jar = ReadonlyMap<string, string>;

/** What a browser was answered. */
export interface Visit {
  readonly status: number;
  readonly to: string;
  readonly set: Jar;
  readonly text: string;
  readonly type: string;
}

export const cookieOf = (cookies: Jar): string => [...cookies].map((pair) => pair.join('=')).join('; ');

/** A browser with these cookies at a service. */
export async function visit(app: App, url: string, cookies: Jar = new Map()): Promise<Visit> {
  const cookie = cookieOf(cookies);
  const answer = await app.inject({ url, headers: cookie === '' ? {} : { cookie } });
  const lines = [answer.headers['set-cookie'] ?? []].flat();
  const pairs = lines.map((line) => (line.split(';')[0] ?? '').split('=') as [string, string]);
  return {
    ...{ status: answer.statusCode, to: String(answer.headers.location ?? ''), text: answer.body },
    ...{ set: new Map(pairs.filter(([, value]) => value !== '')) },
    type: String(answer.headers['content-type'] ?? ''),
  };
}

/** Signs in at the provider's form; where the browser is sent back to. */
export async function atProvider(to: string, person: string): Promise<string> {
  const jar = new Map<string, string>();
  const go = async (url: string, body?: URLSearchParams) => {
    const answer = await fetch(new URL(url, to), {
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
}

/** Signs in as somebody of a member's staff; `asked` goes behind the address, as in `?member=abc-bank`. */
export async function signInAs(app: App, person: string, asked = '', takenAt: App = app): Promise<Visit> {
  const begun = await visit(app, `/v1/sign-in${asked}`);
  if (begun.status !== 303) return begun;
  return await visit(takenAt, await atProvider(begun.to, person), begun.set);
}
