import { FaultProxy } from './faults/fault-proxy.ts';

/**
 * The federation's connections that stand behind a fault proxy, by name: `<member>/public` and
 * `<member>/federation` in front of a member's listeners, `<process>/database` and `<process>/queue` in front
 * of one process's stores.
 */
export class Links {
  readonly #proxies = new Map<string, FaultProxy>();
  readonly #stores: boolean;

  /** With `stores`, stores stand behind proxies too. */
  constructor({ stores }: { stores: boolean }) {
    this.#stores = stores;
  }

  /** @throws RangeError for a connection that has no proxy in this federation */
  get(name: string): FaultProxy {
    const found = this.#proxies.get(name);
    if (!found) throw new RangeError(`no proxy is called ${name}`);
    return found;
  }

  /** The proxies before a member's listeners. */
  listeners(member: string): FaultProxy[] {
    return this.#named(`${member}/public`, `${member}/federation`);
  }

  /** The proxies before one process's stores. */
  stores(process: string): FaultProxy[] {
    return this.#named(`${process}/database`, `${process}/queue`);
  }

  #named(...names: string[]): FaultProxy[] {
    return names.flatMap((name) => this.#proxies.get(name) ?? []);
  }

  /** Takes a member's port and passes connections on to its processes in turn. */
  async listener(name: string, port: number, targets: readonly number[]): Promise<void> {
    this.#proxies.set(name, await FaultProxy.listen({ port, targets }));
  }

  /** The address by which one process reaches a store: the store's own, or that of a proxy before it. */
  async store(name: string, storeUrl: string): Promise<string> {
    if (!this.#stores) return storeUrl;
    const url = new URL(storeUrl);
    const proxy = this.#proxies.get(name) ?? (await FaultProxy.listen({ targets: [Number(url.port)] }));
    this.#proxies.set(name, proxy);
    url.port = String(proxy.port);
    return url.href;
  }

  close(): void {
    for (const proxy of this.#proxies.values()) proxy.close();
  }
}
