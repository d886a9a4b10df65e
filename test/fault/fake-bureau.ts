import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Server, createServer } from 'node:https';
import { join } from 'node:path';
import { seconds, systemClock, systemRandom } from '@causeway/kernel';
import { digestOf, readUnverified, sha256Digest, sign, signingKeyFromJwk } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';

/** How it answers a call for disclosures. */
export type Manner =
  | 'honest'
  | 'silent'
  | 'one byte a second'
  | 'broken'
  | 'signed wrongly'
  | 'about another inquiry'
  | 'a gigabyte';

interface Item {
  inquiry: string;
  grant: string;
}

const GIGABYTE = 1_000_000_000;

/**
 * In the place of a bureau, with its certificate and its keys: what a bureau could do that is slow, broken or
 * lies. Speaks the protocol over mutual TLS like the real one.
 */
export class FakeBureau {
  manner: Manner = 'honest';
  /** Calls for disclosures that have reached it. */
  calls = 0;
  readonly #federation: Federation;
  readonly #member: string;
  readonly #server: Server;

  private constructor(federation: Federation, member: string) {
    this.#federation = federation;
    this.#member = member;
    const pem = (name: string) => readFileSync(join(federation.home, 'keys', member, name));
    const files = { key: pem('tls-key.pem'), cert: pem('tls-cert.pem'), ca: pem('ca-cert.pem') };
    const mutual = { minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: true } as const;
    this.#server = createServer({ ...files, ...mutual }, (incoming, outgoing) => {
      outgoing.on('error', () => undefined);
      void this.#answer(incoming, outgoing);
    });
  }

  /** Stops the bureau and takes its place. */
  static async insteadOf(federation: Federation, member: string): Promise<FakeBureau> {
    await federation.process(member).stop();
    const fake = new FakeBureau(federation, member);
    fake.#server.listen(federation.ports.federation(member), '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.url !== '/v1/disclosures') {
      // It keeps no ledger and witnesses nobody: it was asked for cosignatures and leaves, too.
      incoming.resume();
      outgoing.writeHead(404).end();
      return;
    }
    this.calls += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Uint8Array));
    const { items } = JSON.parse(Buffer.concat(chunks).toString()) as { items: Item[] };
    if (this.manner === 'silent') return;
    if (this.manner === 'a gigabyte') return pour(outgoing);
    if (this.manner === 'broken') {
      outgoing.writeHead(500, { 'content-type': 'text/plain' }).end('it hurts');
      return;
    }
    const body = JSON.stringify({ results: items.map((item) => ({ disclosure: this.#disclose(item) })) });
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    if (this.manner === 'one byte a second') trickle(outgoing, body);
    else outgoing.end(body);
  }

  #disclose({ inquiry, grant }: Item): string {
    const asked = readUnverified(inquiry).claims as { iss: string; subject_ref: string; deadline: number };
    const granted = readUnverified(grant).claims as { inquiry: Digest; use: number };
    const other = this.manner === 'about another inquiry';
    const signer = { clock: systemClock, random: systemRandom, fed: this.#federation.ceremony.fed };
    const { jws } = sign(
      'disclosure',
      {
        aud: asked.iss,
        exp: asked.deadline + 3600,
        subject_ref: asked.subject_ref,
        inquiry: other ? sha256Digest('another') : granted.inquiry,
        grant: digestOf(grant),
        use: granted.use,
        outcome: 'not_found',
        as_of: new Date(seconds(systemClock) * 1000).toISOString().slice(0, 10),
        records: [],
      },
      { key: signingKeyFromJwk(this.#member, this.#federation.keys(this.#member).statement), ...signer },
    );
    if (this.manner !== 'signed wrongly') return jws;
    const at = jws.lastIndexOf('.') + 20;
    return `${jws.slice(0, at)}${jws[at] === 'A' ? 'B' : 'A'}${jws.slice(at + 1)}`;
  }
}

function trickle(outgoing: ServerResponse, body: string): void {
  let at = 0;
  const timer = setInterval(() => outgoing.write(body[(at += 1)] ?? ' '), 1000);
  outgoing.on('close', () => clearInterval(timer));
}

/** As fast as it is taken, until nobody takes it any more. */
function pour(outgoing: ServerResponse): void {
  outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': String(GIGABYTE) });
  const chunk = Buffer.alloc(65_536, 0x20);
  const more = (): void => {
    while (!outgoing.destroyed && outgoing.write(chunk));
    outgoing.once('drain', more);
  };
  more();
}
