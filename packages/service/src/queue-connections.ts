import { createPostgresBackend, withBackend } from 'bullmq';
import type { ConnectionOptions, PostgresConnectionOptions } from 'bullmq';
import pg from 'pg';

/** A second at most between two attempts to reach a Redis that is away. */
const retryStrategy = (attempt: number): number => Math.min(50 * attempt, 1000);

/** A worker's queries wait for Redis to come back instead of failing. */
export function redisConnection(redisUrl: string): ConnectionOptions {
  return { url: redisUrl, maxRetriesPerRequest: null, retryStrategy };
}

/**
 * What is told while Redis is away or stands still is refused soon instead of being kept in memory: it will
 * be swept.
 */
export function redisProducerConnection(redisUrl: string): ConnectionOptions {
  const impatient = { enableOfflineQueue: false, maxRetriesPerRequest: 0, socketTimeout: 5000 };
  return { ...redisConnection(redisUrl), ...impatient };
}

/**
 * Few clients, since each worker holds one more for LISTEN; and no wait for the disk at COMMIT, since a queue
 * that loses its last moments is swept from our tables.
 */
export function postgresConnection(connectionString: string): PostgresConnectionOptions {
  const patience = { connectionTimeoutMillis: 5000, query_timeout: 10_000 };
  return { connectionString, max: 3, keepAlive: true, options: '-c synchronous_commit=off', ...patience };
}

/**
 * Creates or upgrades the queue's own schema as the owner, and lets the service's role use it, not change it.
 */
export async function prepareQueueSchema(ownerUrl: string): Promise<void> {
  const { Queue } = withBackend(createPostgresBackend);
  const queue = new Queue('prepare', { connection: { connectionString: ownerUrl, max: 2, migrate: true } });
  queue.on('error', () => undefined);
  try {
    await queue.waitUntilReady();
  } finally {
    await queue.close();
  }
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(grants);
  } finally {
    await client.end();
  }
}

const grants = `
  GRANT USAGE ON SCHEMA bullmq TO causeway_app;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bullmq TO causeway_app;
  GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA bullmq TO causeway_app;
  GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bullmq TO causeway_app;
`;
