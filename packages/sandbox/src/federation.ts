import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { admitMembers } from './admission.ts';
import { type Ceremony, holdCeremony } from './ceremony.ts';
import { Clients, writeCard } from './clients.ts';
import { lockHome } from './home-lock.ts';
import { type IdentityProvider, newSigningKey, startIdentityProvider } from './identity-provider/index.ts';
import {
  BROKER,
  CONSUMER,
  IDENTITY_CLIENT,
  PORT_BASE_DEFAULT,
  type PlannedMember,
  type Ports,
  SANDBOX_FED,
  STORY_BUREAUS,
  STORY_LENDERS,
  portsOf,
} from './plan.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { authorityProgram, nodeProgram } from './programs.ts';
import { ServiceProcess } from './service-process.ts';

/** What a local federation is made of. Everything but its folder has a default. */
export interface FederationOptions {
  /** Folder for its data, keys, logs and pids. */
  home: string;
  portBase?: number;
  bureaus?: PlannedMember[];
  lenders?: PlannedMember[];
  /** Where the queue runs on Redis instead of PostgreSQL. */
  redisUrl?: string;
  /** Durable writes; only throw-away test federations turn them off. */
  fsync?: boolean;
  onProgress?: (step: string) => void;
}

/** A whole federation on this machine: real PostgreSQL, real mTLS, one process per service. */
export class Federation extends Clients {
  readonly ports: Ports;
  readonly ceremony: Ceremony;
  readonly processes: ReadonlyMap<string, ServiceProcess>;
  readonly #identityProvider: IdentityProvider;
  readonly #unlock: () => void;
  readonly #fsync: boolean;
  #postgres: Postgres;

  private constructor(parts: FederationParts, home: string, card: Clients['card']) {
    super(home, card);
    this.ports = parts.ports;
    this.ceremony = parts.ceremony;
    this.processes = parts.processes;
    this.#identityProvider = parts.identityProvider;
    this.#unlock = parts.unlock;
    this.#fsync = parts.fsync;
    this.#postgres = parts.postgres;
  }

  /** Starts a federation, making what is missing and keeping what is there. */
  static async start(options: FederationOptions): Promise<Federation> {
    const { home, bureaus = STORY_BUREAUS, lenders = STORY_LENDERS } = options;
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const unlock = lockHome(home);
    const started: (() => Promise<void>)[] = [];
    try {
      const parts = await startParts({ ...options, bureaus, lenders }, started);
      const card = cardOf(parts, bureaus, lenders);
      writeCard(home, card);
      return new Federation({ ...parts, unlock, fsync: options.fsync ?? true }, home, card);
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

  /** Ends the nodes first, then what they lean on: the authority, the identity provider, PostgreSQL. */
  async stop({ remove = false } = {}): Promise<void> {
    const nodes = [...this.processes.values()].filter(({ program }) => program.name !== 'authority');
    await Promise.all(nodes.map((process) => process.stop()));
    await this.process('authority').stop();
    await this.#identityProvider.stop();
    await this.#postgres.stop({ remove });
    this.#unlock();
  }
}

const postgresDir = (home: string): string => join(home, 'postgres');

type StartedParts = Omit<FederationParts, 'unlock' | 'fsync'>;

interface FederationParts {
  ports: Ports;
  ceremony: Ceremony;
  postgres: Postgres;
  identityProvider: IdentityProvider;
  processes: ReadonlyMap<string, ServiceProcess>;
  unlock: () => void;
  fsync: boolean;
}

type Members = Required<Pick<FederationOptions, 'bureaus' | 'lenders'>>;

async function startParts(
  options: FederationOptions & Members,
  started: (() => Promise<void>)[],
): Promise<StartedParts> {
  const { home, bureaus, lenders, redisUrl, fsync, onProgress = () => undefined } = options;
  const ports = portsOf(options.portBase ?? PORT_BASE_DEFAULT, bureaus);
  onProgress('starting PostgreSQL and the identity provider');
  const [postgres, ceremony, identityProvider] = await foundations(options, ports, started);
  const run = async (program: Awaited<ReturnType<typeof nodeProgram>>): Promise<ServiceProcess> => {
    const process = new ServiceProcess(home, program);
    started.push(() => process.stop());
    await process.start();
    return process;
  };
  const parts = { home, postgres, ports, ceremony, redisUrl, fsync };
  onProgress('starting the authority');
  const authority = await run(await authorityProgram(parts));
  onProgress('admitting members');
  await admitMembers({ home, ports, ceremony, members: [CONSUMER, BROKER, ...bureaus, ...lenders] });
  onProgress('starting the consumer service, the broker and the bureaus');
  const nodes = await Promise.all(
    [CONSUMER, BROKER, ...bureaus].map(async (member) => run(await nodeProgram(parts, member))),
  );
  const processes = new Map([authority, ...nodes].map((process) => [process.program.name, process]));
  return { ports, ceremony, postgres, identityProvider, processes };
}

/** What needs nothing else, all at once: whichever is up is stopped again where another fails. */
async function foundations(
  { home, fsync = true }: FederationOptions,
  ports: Ports,
  started: (() => Promise<void>)[],
): Promise<[Postgres, Ceremony, IdentityProvider]> {
  const startProvider = async (): Promise<IdentityProvider> => {
    const signingKey = await identityKey(home);
    const options = { port: ports.identityProvider, clientId: IDENTITY_CLIENT, signingKey };
    const provider = await startIdentityProvider(options);
    started.push(() => provider.stop());
    return provider;
  };
  const startDatabase = async (): Promise<Postgres> => {
    const postgres = await startPostgres({ dir: join(home, 'postgres'), fsync });
    started.push(() => postgres.stop());
    return postgres;
  };
  const all = [startDatabase(), holdCeremony(home, SANDBOX_FED, ports), startProvider()] as const;
  await Promise.allSettled(all);
  return await Promise.all(all);
}

/** The identity provider's key is kept, so that a token signed before a restart can be checked after it. */
async function identityKey(home: string): ReturnType<typeof newSigningKey> {
  const file = join(home, 'identity-provider.jwk');
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(await newSigningKey()), { mode: 0o600 });
  return JSON.parse(readFileSync(file, 'utf8')) as Awaited<ReturnType<typeof newSigningKey>>;
}

function cardOf(parts: StartedParts, bureaus: PlannedMember[], lenders: PlannedMember[]): Clients['card'] {
  const members = ['authority', 'consumer', 'broker', ...bureaus.map(({ id }) => id)];
  const urls = Object.fromEntries(members.map((id) => [id, `http://localhost:${parts.ports.public(id)}`]));
  return {
    anchor: parts.ceremony.anchor,
    urls: { 'identity-provider': parts.identityProvider.issuer, ...urls },
    bureaus: bureaus.map(({ id }) => id),
    lenders: lenders.map(({ id }) => id),
  };
}
