import { type IncomingMessage, type Server, createServer, request } from 'node:http';
import type { Federation } from '@causeway/sandbox/federation';
import { freePort } from '@causeway/sandbox/ports';

/** What a proxy on the way does to an answer. */
export type Tamper = (answer: { path: string; status: number; text: string }) => {
  status?: number;
  text: string;
};

/** A man in the middle between members and a service's public listener, in the service's own place. */
export class TamperingProxy {
  /** Applied to every answer; the identity until a test sets another. */
  tamper: Tamper = ({ text }) => ({ text });
  readonly #server: Server;

  private constructor(port: number, servicePort: number) {
    this.#server = createServer((incoming, outgoing) => {
      const headers = { ...incoming.headers, host: `localhost:${port}` };
      const { method, url: path = '/' } = incoming;
      const onward = request({ host: '127.0.0.1', port: servicePort, method, path, headers }, (answer) => {
        void bodyOf(answer).then((text) => {
          const status = answer.statusCode ?? 502;
          const changed = this.tamper({ path, status, text });
          const { 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = answer.headers;
          outgoing.writeHead(changed.status ?? status, rest).end(changed.text);
        });
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
  }

  /** Moves the service to another port, where only the proxy finds it, and takes its place. */
  static async before(federation: Federation, member: string): Promise<TamperingProxy> {
    const process = federation.process(member);
    await process.stop();
    const [port, servicePort] = [federation.ports.public(member), await freePort()];
    process.program.env['CAUSEWAY_PUBLIC_PORT'] = String(servicePort);
    await process.start();
    const proxy = new TamperingProxy(port, servicePort);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return proxy;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}
