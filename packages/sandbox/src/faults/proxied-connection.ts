import type { Socket } from 'node:net';
import type { Conditions } from './conditions.ts';
import { Flow } from './flow.ts';

interface Ends {
  readonly client: Socket;
  readonly server: Socket;
  /** The port that the server end is connected to. */
  readonly target: number;
}

interface Watch {
  readonly conditions: () => Conditions;
  readonly random: () => number;
  /** A condition has cut the connection. */
  readonly onCut: () => void;
  readonly onClosed: () => void;
}

/** A client's connection through a fault proxy, and the proxy's own to the server behind it. */
export class ProxiedConnection {
  readonly target: number;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #toServer: Flow;
  readonly #toClient: Flow;
  readonly #watch: Watch;
  #sentBytes = 0;

  constructor({ client, server, target }: Ends, watch: Watch) {
    this.target = target;
    this.#client = client;
    this.#server = server;
    this.#watch = watch;
    this.#toServer = new Flow(client, server, watch.conditions, watch.random);
    this.#toClient = new Flow(server, client, watch.conditions, watch.random);
    client.on('data', (bytes) => this.#fromClient(bytes)).on('end', () => this.#toServer.end());
    server.on('data', (bytes) => this.#toClient.take(bytes)).on('end', () => this.#toClient.end());
    for (const end of [client, server]) end.on('error', () => this.reset()).on('close', () => this.#closed());
  }

  /** The conditions have changed. */
  move(): void {
    this.#toServer.move();
    this.#toClient.move();
  }

  /** Both ends see a broken connection, and what was on its way is lost. */
  reset(): void {
    this.#toServer.drop();
    this.#toClient.drop();
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  /** The server's end is broken; the client's stays open and nobody answers on it any more. */
  halfOpen(): void {
    this.#client.removeAllListeners('data').resume();
    this.#toServer.drop();
    this.#toClient.drop();
    this.#server.removeAllListeners('error').on('error', () => undefined);
    this.#server.resetAndDestroy();
  }

  #fromClient(bytes: Buffer): void {
    const { cutAfterBytes = Infinity } = this.#watch.conditions();
    const left = cutAfterBytes - this.#sentBytes;
    this.#sentBytes += bytes.length;
    this.#toServer.take(bytes.subarray(0, left));
    if (left > bytes.length) return;
    this.#watch.onCut();
    // The server must have all of it, and only then learns that nobody is there: a reset could overtake it.
    this.#client.resetAndDestroy();
    this.#toClient.drop();
    this.#toServer.end();
  }

  #closed(): void {
    if (this.#client.destroyed && this.#server.destroyed) this.#watch.onClosed();
  }
}
