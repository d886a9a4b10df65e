import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import type { Conditions } from './conditions.ts';
import { ProxiedConnection } from './proxied-connection.ts';

const HOST = '127.0.0.1';

export interface ProxyOptions {
  /** Port on the loopback interface; any free one where absent. */
  readonly port?: number;
  /**
   * Ports on the loopback interface. A connection goes to the one with the fewest, in turn where several have
   * as few, and past one that refuses it.
   */
  readonly targets: readonly number[];
  /** Numbers from 0 to 1, for the jitter. */
  readonly random?: () => number;
}

/**
 * A TCP proxy in front of one listener, or of the same listener of several processes. It knows
 * nothing of what passes: TLS goes through untouched. Conditions hold for the connections there are and for
 * new ones.
 */
export class FaultProxy {
  readonly #targets: readonly number[];
  readonly #random: () => number;
  readonly #connections = new Set<ProxiedConnection>();
  #listener: Server | undefined;
  #port: number;
  #conditions: Conditions = {};
  #turn = 0;
  #cuts = 0;

  private constructor({ port = 0, random = Math.random, targets }: ProxyOptions) {
    this.#targets = targets;
    this.#random = random;
    this.#port = port;
  }

  static async listen(options: ProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await proxy.accept();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that a condition has cut so far. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Open connections, to this target or to all. */
  connections(target?: number): number {
    return this.#to(target).length;
  }

  /** These conditions and no others from now on; none without an argument. */
  set(conditions: Conditions = {}): void {
    this.#conditions = conditions;
    for (const connection of this.#connections) connection.move();
  }

  /** Resets all connections, or those to one target. Returns how many there were. */
  cut(target?: number): number {
    const all = this.#to(target);
    for (const connection of all) connection.reset();
    return all.length;
  }

  /** Servers see their connections broken; clients keep theirs open, and nobody answers. Returns how many. */
  halfOpen(): number {
    const all = this.#to();
    for (const connection of all) connection.halfOpen();
    return all.length;
  }

  /** New connections are refused, as where nobody listens; those there are stay. */
  refuse(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** New connections are taken (again). */
  async accept(): Promise<void> {
    if (this.#listener) return;
    const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) =>
      this.#take(client),
    );
    listener.listen(this.#port, HOST);
    await once(listener, 'listening');
    this.#port = (listener.address() as AddressInfo).port;
    this.#listener = listener;
  }

  close(): void {
    this.refuse();
    this.cut();
  }

  #to(target?: number): ProxiedConnection[] {
    return [...this.#connections].filter((each) => target === undefined || each.target === target);
  }

  #take(client: Socket): void {
    client.on('error', () => undefined);
    this.#turn += 1;
    const inTurn = this.#targets.map((_, i) => this.#targets[(this.#turn + i) % this.#targets.length] ?? 0);
    this.#tryNext(
      client,
      inTurn.toSorted((a, b) => this.connections(a) - this.connections(b)),
    );
  }

  /** The first target that answers gets the client; where all refuse, the client sees a reset. */
  #tryNext(client: Socket, [target, ...others]: readonly number[]): void {
    if (target === undefined) return void client.resetAndDestroy();
    const server = connect({ port: target, host: HOST, allowHalfOpen: true });
    const refused = (): void => this.#tryNext(client, others);
    server.once('error', refused);
    server.once('connect', () => {
      server.off('error', refused);
      this.#join(client, server, target);
    });
  }

  #join(client: Socket, server: Socket, target: number): void {
    client.setNoDelay(true);
    server.setNoDelay(true);
    const connection = new ProxiedConnection(
      { client, server, target },
      {
        conditions: () => this.#conditions,
        random: this.#random,
        onCut: () => (this.#cuts += 1),
        onClosed: () => this.#connections.delete(connection),
      },
    );
    this.#connections.add(connection);
    if (client.destroyed) connection.reset();
    else connection.move();
  }
}
