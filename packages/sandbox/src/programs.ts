import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Ceremony } from './ceremony.ts';
import { IDENTITY_CLIENT, type PlannedMember, type Ports } from './plan.ts';
import type { Postgres } from './postgres.ts';
import type { ServiceProgram } from './service-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A source file of a service; the sandbox starts services as processes and never imports them. */
export const serviceFile = (service: string, file: string): string =>
  join(ROOT, 'services', service, 'src', `${file}.ts`);

export interface ProgramParts {
  home: string;
  postgres: Postgres;
  ports: Ports;
  ceremony: Ceremony;
  redisUrl?: string | undefined;
  /** Durable writes; without them the services must be told that they may lose everything. */
  fsync?: boolean | undefined;
}

/** The settings of the authority's process. */
export async function authorityProgram(parts: ProgramParts): Promise<ServiceProgram> {
  const env = await commonEnv(parts, 'authority', parts.ceremony.authorityDir);
  return {
    name: 'authority',
    main: serviceFile('authority', 'main'),
    env: { ...env, CAUSEWAY_OFFICERS_FILE: parts.ceremony.officersFile },
  };
}

/** The settings of a node's process: the consumer service, the broker or a bureau. */
export async function nodeProgram(parts: ProgramParts, member: PlannedMember): Promise<ServiceProgram> {
  const env = await commonEnv(parts, member.id, join(parts.home, 'keys', member.id));
  const own = await ownEnv(parts, member);
  return { name: member.id, main: serviceFile(member.role, 'main'), env: { ...env, ...own } };
}

async function commonEnv(
  { postgres, ports, ceremony, fsync }: ProgramParts,
  member: string,
  keysDir: string,
) {
  const database = await postgres.createDatabase(databaseName(member));
  return {
    CAUSEWAY_FED: ceremony.fed,
    CAUSEWAY_MEMBER: member,
    CAUSEWAY_HOST: '127.0.0.1',
    CAUSEWAY_PUBLIC_PORT: String(ports.public(member)),
    CAUSEWAY_FEDERATION_PORT: String(ports.federation(member)),
    CAUSEWAY_PUBLIC_URL: `http://localhost:${ports.public(member)}`,
    CAUSEWAY_DATABASE_URL: database.url,
    CAUSEWAY_DATABASE_OWNER_URL: database.ownerUrl,
    CAUSEWAY_AUTHORITY_URL: `http://localhost:${ports.public('authority')}`,
    CAUSEWAY_ANCHOR: ceremony.anchor,
    CAUSEWAY_KEYS_DIR: keysDir,
    ...(fsync === false ? { CAUSEWAY_UNSAFE_STORE: 'accepted' } : {}),
  };
}

async function ownEnv(parts: ProgramParts, member: PlannedMember): Promise<Record<string, string>> {
  const { postgres, ports, home, redisUrl } = parts;
  switch (member.role) {
    case 'consumer':
      return {
        CAUSEWAY_IDP_ISSUER: `http://localhost:${ports.identityProvider}`,
        CAUSEWAY_IDP_CLIENT_ID: IDENTITY_CLIENT,
      };
    case 'broker':
      if (redisUrl) return { REDIS_URL: redisUrl };
      return { CAUSEWAY_QUEUE_DATABASE_URL: (await postgres.createDatabase('broker_queue')).ownerUrl };
    case 'bureau':
      return { CAUSEWAY_SPOOL_DIR: join(home, 'spool', member.id) };
    case 'lender':
      throw new RangeError('a lender runs no node');
  }
}

const databaseName = (member: string): string => `causeway_${member.replaceAll('-', '_')}`;
