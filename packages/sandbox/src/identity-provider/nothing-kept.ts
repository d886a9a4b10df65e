import type { Adapter, AdapterPayload } from 'oidc-provider';

/**
 * Storage for a provider that has no sessions, codes or refresh tokens: its one grant answers at once with a
 * token that carries everything. Nothing is kept, so nothing is ever found.
 */
export class NothingKept implements Adapter {
  async upsert(): Promise<void> {}
  async consume(): Promise<void> {}
  async destroy(): Promise<void> {}
  async revokeByGrantId(): Promise<void> {}
  async find(): Promise<AdapterPayload | undefined> {
    return undefined;
  }
  async findByUid(): Promise<AdapterPayload | undefined> {
    return undefined;
  }
  async findByUserCode(): Promise<AdapterPayload | undefined> {
    return undefined;
  }
}
