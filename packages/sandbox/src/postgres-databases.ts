import type { Client } from 'pg';
import { type Cluster, asSuperuser, rolePassword, roleUrl } from './postgres-server.ts';

/** How a service reaches its own database. */
export interface DatabaseUrls {
  /** For the service at work: a login role that is a member of `causeway_app` and owns nothing. */
  readonly url: string;
  /** For migrations: the owner of the database and of all in it. */
  readonly ownerUrl: string;
}

/**
 * Beside the name: an existing database to copy, and the roles to use instead of roles named after the
 * database.
 */
export interface DatabaseOptions {
  readonly template?: string;
  readonly roles?: string;
}

const NAME = /^[a-z][a-z0-9_]{0,47}$/;

/**
 * Creates a database and its two login roles unless they exist, and returns how to reach it. The cluster role
 * `causeway_app` (no login) is what migrations grant to; nobody but the two roles may connect.
 * Throws a RangeError for a name that is not a plain identifier.
 */
export async function createDatabase(
  home: Cluster,
  port: number,
  name: string,
  { template, roles = name }: DatabaseOptions = {},
): Promise<DatabaseUrls> {
  for (const id of [name, roles, template ?? 'template1']) {
    if (!NAME.test(id)) throw new RangeError(`not a database name: ${id}`);
  }
  const [owner, app] = [`${roles}_owner`, `${roles}_app`];
  await asSuperuser(home, port, 'postgres', async (client) => {
    await ensureRole(client, 'causeway_app', 'NOLOGIN');
    await ensureRole(client, owner, `LOGIN PASSWORD '${rolePassword(home, owner)}'`);
    await ensureRole(client, app, `LOGIN PASSWORD '${rolePassword(home, app)}' IN ROLE causeway_app`);
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) {
      await client.query(`CREATE DATABASE ${name} OWNER ${owner} TEMPLATE ${template ?? 'template1'}`);
    }
    // A crash between these statements leaves a database that only its owner can use; the next start goes on.
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await client.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${name} TO ${app}`);
  });
  return { url: roleUrl(home, port, app, name), ownerUrl: roleUrl(home, port, owner, name) };
}

/** Removes a database, ending the sessions in it. */
export async function dropDatabase(home: Cluster, port: number, name: string): Promise<void> {
  if (!NAME.test(name)) throw new RangeError(`not a database name: ${name}`);
  await asSuperuser(home, port, 'postgres', (client) =>
    client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  );
}

async function ensureRole(client: Client, role: string, how: string): Promise<void> {
  try {
    await client.query(`CREATE ROLE ${role} ${how}`);
  } catch (error) {
    // duplicate_object: it exists; unique_violation: another session made it at the same moment.
    if (!['42710', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
  }
}
