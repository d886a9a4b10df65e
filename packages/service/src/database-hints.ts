import pg from 'pg';

import { every, type Timer } from './every.ts';
import type { Log } from './log.ts';

/** Between the loss of the connection and the next one. */
const againMs = 1000;

interface Options {
  readonly url: string;
  /** Shows in pg_stat_activity. */
  readonly name: string;
  readonly channel: string;
  /** Gets each payload; it must not throw. */
  readonly onHint: (payload: string) => void;
  readonly log: Log;
}

/**
 * Hears what is notified on a channel, over a connection of its own, until it is stopped. These are hints
 * and nothing more: while the connection is away they are lost, so that whoever uses them looks by
 * themselves too.
 */
export function hearHints(options: Options): Timer {
  return every('database_hints', againMs, async (signal) => await hear(options, signal), options);
}

async function hear({ channel, name, onHint, url }: Options, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: `${name}-hints`, keepAlive: true });
  const over = Promise.withResolvers<void>();
  client.on('error', () => over.resolve());
  client.on('end', () => over.resolve());
  client.on('notification', ({ payload }) => onHint(payload ?? ''));
  signal.addEventListener('abort', () => over.resolve(), { once: true });
  try {
    await client.connect();
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    await over.promise;
  } finally {
    await client.end().catch(() => undefined);
  }
}
