import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { admitMembers } from './admission.ts';
import { type Ceremony, holdCeremony } from './ceremony.ts';
import { type IdentityProvider, newSigningKey, startIdentityProvider } from './identity-provider/index.ts';
import { type Instance, type Replicas, anyReplicated, instancesOf } from './instances.ts';
import type { SignInSuggestion } from './identity-provider/persons.ts';
import { Links } from './links.ts';
import { type SandboxSubject, sandboxCharacters } from './people/persons.ts';
import { SUPERVISION, consoleClients, sandboxStaff } from './people/staff.ts';
import {
  BROKER,
  CONSUMER,
  IDENTITY_CLIENT,
  PORT_BASE_DEFAULT,
  type PlannedMember,
  type Ports,
  SANDBOX_FED,
  asNode,
  portsOf,
} from './plan.ts';
import { type RunningNative, startNatives } from './natives/start-natives.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { authorityProgram, nodeProgram } from './programs.ts';
import { ServiceProcess, type ServiceProgram } from './service-process.ts';

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
  /** More than one process of each service, or of some; they share the members' ports in turn. */
  replicas?: Replicas;
  /** A fault proxy in front of every listener and of every process's stores. */
  links?: boolean;
  /** The sandbox's agent in every process, which strikes at points in its code and shifts its clock. */
  agents?: boolean;
  onProgress?: (step: string) => void;
}

export interface FederationParts {
  ports: Ports;
  ceremony: Ceremony;
  postgres: Postgres;
  identityProvider: IdentityProvider;
  links: Links;
  natives: ReadonlyMap<string, RunningNative>;
  processes: ReadonlyMap<string, ServiceProcess>;
}

type Members = Required<Pick<FederationOptions, 'bureaus' | 'lenders'>>;
type Undo = (() => Promise<void>)[];

export const postgresDir = (home: string): string => join(home, 'postgres');

/** Starts everything; what has been started can be ended by what is pushed to `started`. */
export async function startParts(
  options: FederationOptions & Members,
  started: Undo,
): Promise<FederationParts> {
  const { bureaus, fsync, home, lenders, links: everywhere = false, redisUrl, replicas = 1 } = options;
  const { onProgress = () => undefined } = options;
  const ports = portsOf(options.portBase ?? PORT_BASE_DEFAULT, bureaus);
  onProgress('starting PostgreSQL and the identity provider');
  const [postgres, ceremony, identityProvider] = await foundations(options, ports, started);
  const links = new Links({ stores: everywhere });
  started.push(async () => links.close());
  const parts = { home, postgres, ports, ceremony, links, redisUrl, fsync };
  const natives = await startNatives(home, bureaus, started);
  const spread = { ports, links, proxied: everywhere || anyReplicated(replicas), replicas };
  const run = runner(options, started);
  onProgress('starting the authority');
  const authority = await run(await instancesOf('authority', 'authority', spread), (instance) =>
    authorityProgram(parts, instance),
  );
  onProgress('admitting members');
  await admitMembers({ home, ports, ceremony, members: [CONSUMER, BROKER, ...bureaus, ...lenders] });
  onProgress('starting the consumer service, the broker and the bureaus');
  const nodes = await Promise.all(
    [CONSUMER, BROKER, ...bureaus].map(asNode).map(async (member) => {
      const instances = await instancesOf(member.id, member.role, spread);
      return run(instances, (instance) => nodeProgram({ ...parts, natives }, member, instance));
    }),
  );
  const all = [authority, ...nodes].flat();
  const processes = new Map(all.map((process) => [process.program.name, process]));
  return { ports, ceremony, postgres, identityProvider, links, natives, processes };
}

/** Starts all processes of one member at once. */
function runner({ agents = false, home }: FederationOptions, started: Undo) {
  return async (
    instances: readonly Instance[],
    programOf: (instance: Instance) => Promise<ServiceProgram>,
  ): Promise<ServiceProcess[]> => {
    const processes: ServiceProcess[] = [];
    for (const instance of instances) {
      processes.push(new ServiceProcess(home, await programOf(instance), { agent: agents }));
    }
    started.push(async () => void (await Promise.all(processes.map((process) => process.stop()))));
    await Promise.all(processes.map((process) => process.start()));
    return processes;
  };
}

/** What needs nothing else, all at once: whichever is up is stopped again where another fails. */
async function foundations(
  { bureaus, home, fsync = true, lenders }: FederationOptions & Members,
  ports: Ports,
  started: Undo,
): Promise<[Postgres, Ceremony, IdentityProvider]> {
  const startProvider = async (): Promise<IdentityProvider> => {
    const employers = [SUPERVISION, ...bureaus, ...lenders];
    const signingKey = await identityKey(home);
    const provider = await startIdentityProvider({
      ...{ port: ports.identityProvider, clientId: IDENTITY_CLIENT, signingKey },
      redirectUris: [`http://localhost:${ports.public(CONSUMER.id)}/v1/sign-in/return`],
      suggestions: sandboxCharacters().map(suggestionOf),
      ...{ staff: sandboxStaff(employers), staffClients: consoleClients(employers, ports) },
    });
    started.push(() => provider.stop());
    return provider;
  };
  const startDatabase = async (): Promise<Postgres> => {
    const postgres = await startPostgres({ dir: postgresDir(home), fsync });
    started.push(() => postgres.stop());
    return postgres;
  };
  const all = [startDatabase(), holdCeremony(home, SANDBOX_FED, ports), startProvider()] as const;
  await Promise.allSettled(all);
  return await Promise.all(all);
}

/** A named subject as one can sign in as: an enterprise by who represents it. */
function suggestionOf({ id, identifier, name, representative, story }: SandboxSubject): SignInSuggestion {
  const choice = representative ? { person: representative, enterprise: identifier } : { person: identifier };
  return { id, name, story, choice };
}

/** The identity provider's key is kept, so that a token signed before a restart can be checked after it. */
async function identityKey(home: string): ReturnType<typeof newSigningKey> {
  const file = join(home, 'identity-provider.jwk');
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(await newSigningKey()), { mode: 0o600 });
  return JSON.parse(readFileSync(file, 'utf8')) as Awaited<ReturnType<typeof newSigningKey>>;
}
