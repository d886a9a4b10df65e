import { systemClock } from '@causeway/kernel';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { LRUCache } from 'lru-cache';

/** Sign-ins in progress, codes and sessions of one sandbox; the oldest are forgotten. */
const kept = 10_000;

interface Entry {
  readonly payload: AdapterPayload;
}

/** Storage for a sandbox's provider: in the process, bounded, gone with it. */
export function keptInMemory(): (name: string) => Adapter {
  const entries = new LRUCache<string, Entry>({ max: kept });
  return (name) => new MemoryAdapter(name, entries);
}

class MemoryAdapter implements Adapter {
  readonly #name: string;
  readonly #entries: LRUCache<string, Entry>;

  constructor(name: string, entries: LRUCache<string, Entry>) {
    this.#name = name;
    this.#entries = entries;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const life = expiresIn === undefined ? {} : { ttl: expiresIn * 1000 };
    this.#entries.set(this.#key(id), { payload }, life);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#entries.get(this.#key(id))?.payload;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#all().find(({ payload }) => payload.uid === uid)?.payload;
  }

  async findByUserCode(): Promise<AdapterPayload | undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const entry = this.#entries.get(this.#key(id));
    if (entry !== undefined) entry.payload.consumed = Math.floor(systemClock.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    this.#entries.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, { payload }] of this.#entries)
      if (payload.grantId === grantId) this.#entries.delete(key);
  }

  #key(id: string): string {
    return `${this.#name} ${id}`;
  }

  #all(): Entry[] {
    const ours = [...this.#entries].filter(([key]) => key.startsWith(`${this.#name} `));
    return ours.map(([, entry]) => entry);
  }
}
