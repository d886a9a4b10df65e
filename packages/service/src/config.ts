import { readFileSync } from 'node:fs';

import type { Digest } from '@causeway/protocol';
import Type from 'typebox';
import type { Static, TObject, TProperties } from 'typebox';
import { Value } from 'typebox/value';

import { ConfigError } from './config-error.ts';
import { loadNodeKeys } from './node-keys.ts';
import type { NodeKeys } from './node-keys.ts';

const commonVariables = {
  CAUSEWAY_FED: Type.String({ pattern: '^[a-z][a-z0-9-]{1,38}$' }),
  CAUSEWAY_MEMBER: Type.String({ pattern: '^[a-z][a-z0-9-]{1,38}$' }),
  CAUSEWAY_HOST: Type.Optional(Type.String({ minLength: 1 })),
  CAUSEWAY_PUBLIC_PORT: Type.Integer({ minimum: 0, maximum: 65_535 }),
  CAUSEWAY_FEDERATION_PORT: Type.Integer({ minimum: 0, maximum: 65_535 }),
  CAUSEWAY_PUBLIC_URL: Type.String({ pattern: '^https?://[^/?#]+$' }),
  CAUSEWAY_DATABASE_URL: Type.String({ pattern: '^postgres(ql)?://' }),
  CAUSEWAY_DATABASE_OWNER_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  CAUSEWAY_KEYS_DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  CAUSEWAY_KEYS_DATABASE_OWNER_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  CAUSEWAY_AUTHORITY_URL: Type.String({ pattern: '^https?://[^/?#]+$' }),
  CAUSEWAY_ANCHOR: Type.String({ pattern: '^sha-256:[A-Za-z0-9_-]{43}$' }),
  CAUSEWAY_KEYS_DIR: Type.String({ minLength: 1 }),
  CAUSEWAY_UNSAFE_STORE: Type.Optional(Type.Literal('accepted')),
  CAUSEWAY_METRICS: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('off')])),
  LOG_LEVEL: Type.Optional(
    Type.Union(['debug', 'info', 'warn', 'error', 'fatal', 'silent'].map((level) => Type.Literal(level))),
  ),
};

/** What every service of the federation is told at its start; URLs have no trailing slash, ports may be 0. */
export interface CommonConfig {
  readonly fed: string;
  readonly member: string;
  readonly host: string;
  readonly publicPort: number;
  readonly federationPort: number;
  readonly publicUrl: string;
  readonly databaseUrl: string;
  /**
   * Set where the service migrates its own database at its start; absent where an operator does it before.
   */
  readonly databaseOwnerUrl: string | undefined;
  /** The store of the subjects' keys, in no backup of the other database. The authority has none. */
  readonly keysDatabaseUrl: string | undefined;
  readonly keysDatabaseOwnerUrl: string | undefined;
  /**
   * Whether the service starts on a store that may lose what it has committed; for throw-away data only.
   */
  readonly unsafeStoreAccepted: boolean;
  readonly authorityUrl: string;
  /** Fingerprint of the root file, configured out of band. */
  readonly anchor: Digest;
  readonly keys: NodeKeys;
  readonly metrics: 'public' | 'off';
  readonly logLevel: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the common variables and a service's own ones (`own`: names as in the environment, with their
 * schemas). `X_FILE` names a file that holds the value of `X`. A missing, malformed or unknown `CAUSEWAY_`
 * variable stops the start: a misspelt security setting must not be silently absent.
 * @throws ConfigError
 */
export function loadConfig<P extends TProperties>(
  own: P,
  env: Environment = process.env,
): { common: CommonConfig; own: Static<TObject<P>> } {
  const names = new Set([...Object.keys(commonVariables), ...Object.keys(own)]);
  refuseUnknown(names, env);
  const common = readVariables(Type.Object(commonVariables), env);
  return { common: toCommon(common), own: readVariables(Type.Object(own), env) };
}

/**
 * Reads some variables by the same rules, for a program that an operator runs in a service's environment:
 * what else is set there is not its business.
 * @throws ConfigError
 */
export function loadSettings<P extends TProperties>(
  wanted: P,
  env: Environment = process.env,
): Static<TObject<P>> {
  return readVariables(Type.Object(wanted), env);
}

function toCommon(vars: Static<TObject<typeof commonVariables>>): CommonConfig {
  return {
    fed: vars.CAUSEWAY_FED,
    member: vars.CAUSEWAY_MEMBER,
    host: vars.CAUSEWAY_HOST ?? '127.0.0.1',
    publicPort: vars.CAUSEWAY_PUBLIC_PORT,
    federationPort: vars.CAUSEWAY_FEDERATION_PORT,
    publicUrl: vars.CAUSEWAY_PUBLIC_URL,
    databaseUrl: vars.CAUSEWAY_DATABASE_URL,
    databaseOwnerUrl: vars.CAUSEWAY_DATABASE_OWNER_URL,
    keysDatabaseUrl: vars.CAUSEWAY_KEYS_DATABASE_URL,
    keysDatabaseOwnerUrl: vars.CAUSEWAY_KEYS_DATABASE_OWNER_URL,
    unsafeStoreAccepted: vars.CAUSEWAY_UNSAFE_STORE === 'accepted',
    authorityUrl: vars.CAUSEWAY_AUTHORITY_URL,
    anchor: vars.CAUSEWAY_ANCHOR as Digest,
    keys: loadNodeKeys(vars.CAUSEWAY_KEYS_DIR, vars.CAUSEWAY_MEMBER),
    metrics: vars.CAUSEWAY_METRICS ?? 'public',
    logLevel: vars.LOG_LEVEL ?? 'info',
  };
}

function refuseUnknown(names: ReadonlySet<string>, env: Environment): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('CAUSEWAY_')) continue;
    if (names.has(name) || (name.endsWith('_FILE') && names.has(name.slice(0, -5)))) continue;
    throw new ConfigError(`${name} is not a setting of this service; remove it or correct its spelling.`);
  }
}

function readVariables<P extends TProperties>(schema: TObject<P>, env: Environment): Static<TObject<P>> {
  const values: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(schema.properties)) {
    const text = readText(name, env);
    if (text !== undefined) values[name] = Type.IsInteger(type) ? toInteger(text) : text;
  }
  if (Value.Check(schema, values)) return values;
  const first = Value.Errors(schema, values)[0];
  const missing = Object.entries(schema.properties).find(
    ([name, type]) => !(name in values) && !Type.IsOptional(type),
  )?.[0];
  const name = missing ?? first?.instancePath.slice(1) ?? 'a variable';
  const what = missing === undefined ? `is not usable: it ${first?.message ?? 'is malformed'}` : 'is not set';
  throw new ConfigError(`${name} ${what}.`);
}

function readText(name: string, env: Environment): string | undefined {
  const direct = env[name];
  const file = env[`${name}_FILE`];
  if (direct !== undefined && file !== undefined) {
    throw new ConfigError(`${name} and ${name}_FILE are both set; keep one.`);
  }
  if (direct !== undefined) return direct === '' ? undefined : direct;
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch {
    throw new ConfigError(`${name}_FILE names a file that cannot be read: ${file}.`);
  }
}

/** Decimal digits only: "0x10", "1e3" and " 7" stay text and are refused by the schema. */
function toInteger(text: string): number | string {
  return /^(0|[1-9][0-9]{0,14})$/u.test(text) ? Number(text) : text;
}
