import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Federation } from '@causeway/sandbox/federation';

/** What the stand-in does with a request instead of passing it on. */
type Act = { status: number; text: string; etag?: string } | 'hang' | undefined;

/** Stands before the authority for one node: counts what it is asked, and may answer by itself. */
export class AuthorityStandIn {
  /** Decides about each request; passes all of them on until a test sets another. */
  act: (path: string) => Act | Promise<Act> = () => undefined;
  /** How often each path was asked for; entries are counted as one. */
  readonly asked = new Map<string, number>();
  readonly #server: Server;

  private constructor(authorityUrl: string) {
    this.#server = createServer((request, response) => {
      const { url: path = '/', headers } = request;
      const counted = path.replace(/\/entries\/.*/, '/entries');
      this.asked.set(counted, this.count(counted) + 1);
      const etag = headers['if-none-match'];
      void Promise.resolve(this.act(path))
        .then(async (act) => {
          if (act === 'hang') return;
          const answer = act ?? (await pass(`${authorityUrl}${path}`, etag));
          response.writeHead(answer.status, { etag: answer.etag ?? '' }).end(answer.text);
        })
        .catch(() => response.destroy());
    });
  }

  static async before(federation: Federation): Promise<AuthorityStandIn> {
    const made = new AuthorityStandIn(federation.url('authority'));
    await new Promise<void>((resolve) => made.#server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  count(path: string): number {
    return this.asked.get(path) ?? 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function pass(url: string, etag: string | undefined) {
  const answer = await fetch(url, { headers: etag ? { 'if-none-match': etag } : {} });
  return { status: answer.status, etag: answer.headers.get('etag') ?? '', text: await answer.text() };
}
