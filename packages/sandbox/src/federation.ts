import { mkdirSync } from 'node:fs';
import type { Ceremony } from './ceremony.ts';
import { Clients, writeCard } from './clients.ts';
import { type FederationOptions, type FederationParts, postgresDir, startParts } from './federation-parts.ts';
import { lockHome } from './home-lock.ts';
import { type PlannedMember, type Ports, STORY_BUREAUS, STORY_LENDERS } from './plan.ts';
import type { Links } from './links.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import type { ServiceProcess } from './service-process.ts';

/** A whole federation on this machine: real PostgreSQL, real mTLS, one process or more per service. */
export class Federation extends Clients {
  readonly ports: Ports;
  readonly ceremony: Ceremony;
  /** By name: `broker`, `broker-2`, … */
  readonly processes: ReadonlyMap<string, ServiceProcess>;
  /** The native systems behind bureaus, by bureau. */
  readonly natives: FederationParts['natives'];
  /** The fault proxies that it was started with. */
  readonly links: Links;
  readonly #parts: FederationParts;
  readonly #unlock: () => void;
  readonly #fsync: boolean;
  #postgres: Postgres;

  private constructor(parts: FederationParts, kept: Kept) {
    super(kept.home, kept.card);
    this.ports = parts.ports;
    this.ceremony = parts.ceremony;
    this.processes = parts.processes;
    this.links = parts.links;
    this.natives = parts.natives;
    this.#parts = parts;
    this.#unlock = kept.unlock;
    this.#fsync = kept.fsync;
    this.#postgres = parts.postgres;
  }

  /** Starts a federation, making what is missing and keeping what is there. */
  static async start(options: FederationOptions): Promise<Federation> {
    const { home, bureaus = STORY_BUREAUS, lenders = STORY_LENDERS, fsync = true } = options;
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const unlock = lockHome(home);
    const started: (() => Promise<void>)[] = [];
    try {
      const parts = await startParts({ ...options, bureaus, lenders }, started);
      const card = cardOf(parts, bureaus, lenders);
      writeCard(home, card);
      return new Federation(parts, { home, card, unlock, fsync });
    } catch (error) {
      for (const stop of started.reverse()) await stop();
      unlock();
      throw error;
    }
  }

  process(name: string): ServiceProcess {
    const found = this.processes.get(name);
    if (!found) throw new RangeError(`no process is called ${name}`);
    return found;
  }

  /** Base URL of one process's own public listener, past the proxy before it. */
  instanceUrl(name: string): string {
    return `http://localhost:${this.process(name).program.env['CAUSEWAY_PUBLIC_PORT']}`;
  }

  /** The PostgreSQL server that all its databases are on. */
  get postgres(): Postgres {
    return this.#postgres;
  }

  /**
   * Starts PostgreSQL again, on the same files and port, after somebody has ended it. The services stay as
   * they are.
   */
  async restartPostgres(): Promise<void> {
    const { port } = this.#postgres;
    this.#postgres = await startPostgres({ dir: postgresDir(this.home), port, fsync: this.#fsync });
  }

  /**
   * Ends the nodes first, then what they lean on: the authority, the identity provider, native systems,
   * PostgreSQL.
   */
  async stop({ remove = false } = {}): Promise<void> {
    await this.stopNodes();
    await this.#parts.identityProvider.stop();
    await Promise.all([...this.natives.values()].map(({ system }) => system.stop()));
    this.links.close();
    await this.#postgres.stop({ remove });
    this.#unlock();
  }

  /** Ends the nodes, the authority last; their databases go on. */
  async stopNodes(): Promise<void> {
    const all = [...this.processes.values()];
    const isAuthority = ({ program }: ServiceProcess): boolean =>
      program.env['CAUSEWAY_MEMBER'] === 'authority';
    await Promise.all(all.filter((process) => !isAuthority(process)).map((process) => process.stop()));
    await Promise.all(all.filter(isAuthority).map((process) => process.stop()));
  }
}

interface Kept {
  readonly home: string;
  readonly card: Clients['card'];
  readonly unlock: () => void;
  readonly fsync: boolean;
}

function cardOf(parts: FederationParts, bureaus: PlannedMember[], lenders: PlannedMember[]): Clients['card'] {
  const members = ['authority', 'consumer', 'broker', ...bureaus.map(({ id }) => id)];
  const urls = Object.fromEntries(members.map((id) => [id, `http://localhost:${parts.ports.public(id)}`]));
  return {
    anchor: parts.ceremony.anchor,
    urls: { 'identity-provider': parts.identityProvider.issuer, ...urls },
    bureaus: bureaus.map(({ id }) => id),
    lenders: lenders.map(({ id }) => id),
  };
}
