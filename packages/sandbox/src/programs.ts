import { join } from 'node:path';
import { bureauHeap } from './bureau-heap.ts';
import type { Ceremony } from './ceremony.ts';
import type { Instance } from './instances.ts';
import type { Links } from './links.ts';
import { IDENTITY_CLIENT, issuerAt, type PlannedNode, type Ports } from './plan.ts';
import { programFile } from './program-files.ts';
import type { RunningNative } from './natives/start-natives.ts';
import type { Postgres } from './postgres.ts';
import type { ServiceProgram } from './service-process.ts';

export interface ProgramParts {
  home: string;
  postgres: Postgres;
  ports: Ports;
  ceremony: Ceremony;
  links: Links;
  redisUrl?: string | undefined;
  /** Durable writes; without them the services must be told that they may lose everything. */
  fsync?: boolean | undefined;
}

/** What a node's program needs beside that: the native systems of bureaus that have one. */
export interface NodeParts extends ProgramParts {
  natives: ReadonlyMap<string, RunningNative>;
}

/** The settings of one process of the authority. */
export async function authorityProgram(parts: ProgramParts, instance: Instance): Promise<ServiceProgram> {
  const env = await commonEnv(parts, instance, parts.ceremony.authorityDir);
  return {
    name: instance.name,
    main: programFile('authority'),
    env: { ...env, CAUSEWAY_OFFICERS_FILE: parts.ceremony.officersFile },
  };
}

/** The settings of one process of a node: of the consumer service, the broker or a bureau. */
export async function nodeProgram(
  parts: NodeParts,
  member: PlannedNode,
  instance: Instance,
): Promise<ServiceProgram> {
  const env = await commonEnv(parts, instance, join(parts.home, 'keys', member.id));
  const own = { ...(await keyStoreEnv(parts, member, instance)), ...(await ownEnv(parts, member, instance)) };
  return {
    ...{ name: instance.name, main: programFile(member.role), env: { ...env, ...own } },
    ...(member.role === 'bureau' && { nodeArguments: bureauHeap }),
  };
}

async function commonEnv(parts: ProgramParts, instance: Instance, keysDir: string) {
  const { ceremony, fsync, links, ports, postgres } = parts;
  const { member, name } = instance;
  const database = await postgres.createDatabase(databaseName(member));
  const through = (url: string): Promise<string> => links.store(`${name}/database`, url);
  return {
    CAUSEWAY_FED: ceremony.fed,
    CAUSEWAY_MEMBER: member,
    CAUSEWAY_HOST: '127.0.0.1',
    CAUSEWAY_PUBLIC_PORT: String(instance.ports.public),
    CAUSEWAY_FEDERATION_PORT: String(instance.ports.federation),
    CAUSEWAY_PUBLIC_URL: `http://localhost:${ports.public(member)}`,
    CAUSEWAY_DATABASE_URL: await through(database.url),
    CAUSEWAY_DATABASE_OWNER_URL: await through(database.ownerUrl),
    CAUSEWAY_AUTHORITY_URL: `http://localhost:${ports.public('authority')}`,
    CAUSEWAY_ANCHOR: ceremony.anchor,
    CAUSEWAY_KEYS_DIR: keysDir,
    ...(fsync === false ? { CAUSEWAY_UNSAFE_STORE: 'accepted' } : {}),
  };
}

/** The store of the subjects' keys: a database of its own beside the node's. */
async function keyStoreEnv({ links, postgres }: NodeParts, { id }: PlannedNode, { name }: Instance) {
  const { ownerUrl, url } = await postgres.createDatabase(`${databaseName(id)}_keys`);
  const through = (to: string): Promise<string> => links.store(`${name}/keys`, to);
  return {
    CAUSEWAY_KEYS_DATABASE_URL: await through(url),
    CAUSEWAY_KEYS_DATABASE_OWNER_URL: await through(ownerUrl),
  };
}

async function ownEnv(
  parts: NodeParts,
  member: PlannedNode,
  { name }: Instance,
): Promise<Record<string, string>> {
  const { home, links, natives, ports, postgres, redisUrl } = parts;
  const native = natives.get(member.id);
  const queue = (url: string): Promise<string> => links.store(`${name}/queue`, url);
  switch (member.role) {
    case 'consumer':
      return {
        CAUSEWAY_IDP_ISSUER: issuerAt(ports),
        CAUSEWAY_IDP_CLIENT_ID: IDENTITY_CLIENT,
        // In a sandbox the same two people decide for the authority and for the consumer service.
        CAUSEWAY_OFFICERS_FILE: parts.ceremony.officersFile,
      };
    case 'broker':
      if (redisUrl) return { REDIS_URL: await queue(redisUrl) };
      return {
        CAUSEWAY_QUEUE_DATABASE_URL: await queue((await postgres.createDatabase('broker_queue')).ownerUrl),
      };
    case 'bureau':
      return {
        CAUSEWAY_SPOOL_DIR: join(home, 'spool', member.id),
        ...(native === undefined ? {} : { CAUSEWAY_SOURCE_FILE: native.settingsFile }),
      };
  }
}

/** The database of a member's node. */
export const databaseName = (member: string): string => `causeway_${member.replaceAll('-', '_')}`;
