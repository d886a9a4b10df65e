import pg from 'pg';

import { ConfigError } from './config-error.ts';
import type { Log } from './log.ts';

/** A store as a service is told of it, and whether one that may lose what it has accepted will do. */
export interface StoreToCheck {
  readonly url: string;
  /** CAUSEWAY_UNSAFE_STORE: for throw-away data only. */
  readonly unsafeAccepted: boolean;
  readonly log: Log;
}

/**
 * The settings by which PostgreSQL keeps what it has committed, as a service's own session has them: the
 * server's file, the database and the role may each say something else.
 */
const settings = ['fsync', 'full_page_writes', 'synchronous_commit'];

/**
 * Stops a start on a database that may lose what it has committed: an accepted inquiry, a use that was spent,
 * a leaf whose disclosure has left.
 * @throws ConfigError naming the setting; Error where the database is away
 */
export async function requireSafeDatabase(store: StoreToCheck): Promise<void> {
  const client = new pg.Client({ connectionString: store.url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT name FROM pg_settings WHERE name = ANY($1) AND setting = 'off' ORDER BY name",
      [settings],
    );
    refuseUnsafe(
      store,
      'CAUSEWAY_DATABASE_URL',
      rows.map(({ name }) => `${name} off`),
    );
  } finally {
    await client.end();
  }
}

/**
 * One sentence for a store with faults, thrown, or logged as an alarm where the operator has accepted it.
 * @throws ConfigError
 */
export function refuseUnsafe(
  { log, unsafeAccepted }: StoreToCheck,
  variable: string,
  faults: readonly string[],
): void {
  if (faults.length === 0) return;
  const reason = `The store of ${variable} has ${faults.join(' and ')}, and may lose what it has accepted`;
  if (!unsafeAccepted) {
    throw new ConfigError(
      `${reason}: correct it, or set CAUSEWAY_UNSAFE_STORE=accepted for throw-away data.`,
    );
  }
  log.error({ event: 'unsafe_store', alarm: true, reason });
}
