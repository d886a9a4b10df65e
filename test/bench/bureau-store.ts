import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Postgres, startPostgres } from '@causeway/sandbox/postgres';
import { migrate } from '@causeway/service';
import { quietLog } from '@causeway/service/shell.fixture';
import pg from 'pg';

/** PostgreSQL's own default. */
const BUFFER_MB_DEFAULT = 128;
const MIGRATIONS = join(import.meta.dirname, '../../migrations/bureau');

/** A bureau's database on a PostgreSQL of its own that syncs every commit, and nothing else on it. */
export class BureauStore {
  readonly home: string;
  readonly url: string;
  readonly owner: pg.Client;
  #postgres: Postgres;

  readonly #bufferMb: number;
  readonly #ownerUrl: string;

  private constructor(
    home: string,
    postgres: Postgres,
    urls: { url: string; ownerUrl: string },
    bufferMb: number,
  ) {
    this.home = home;
    this.#bufferMb = bufferMb;
    this.#ownerUrl = urls.ownerUrl;
    this.url = urls.url;
    this.owner = new pg.Client(urls.ownerUrl);
    // A restart ends it; whoever uses it then is told.
    this.owner.on('error', () => undefined);
    this.#postgres = postgres;
  }

  /** `bufferMb`: what the server may keep in its own memory. */
  static async start(bufferMb = BUFFER_MB_DEFAULT): Promise<BureauStore> {
    const home = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
    const postgres = await startPostgres({ dir: join(home, 'postgres'), fsync: true, bufferMb });
    const urls = await postgres.createDatabase('bureau');
    await migrate({ ownerUrl: urls.ownerUrl, dir: MIGRATIONS, log: quietLog });
    const store = new BureauStore(home, postgres, urls, bufferMb);
    await store.owner.connect();
    return store;
  }

  /** The server's process, above those of its sessions. */
  get pid(): number {
    return this.#postgres.pid;
  }

  /** All batches and records are gone; mappings stay. */
  async empty(): Promise<void> {
    const tables = 'record, subject, batch, leaf_staging, leaf, quality_count, record_version, tombstone';
    await this.owner.query(`TRUNCATE ${tables} CASCADE`);
  }

  async one<T extends pg.QueryResultRow>(text: string): Promise<T> {
    const [row] = (await this.owner.query<T>(text)).rows;
    if (row === undefined) throw new Error('the query gave no row');
    return row;
  }

  /** Reads every subject and record once by its key, which a scan of the table would keep out of memory. */
  async warm(): Promise<void> {
    const client = new pg.Client(this.#ownerUrl);
    await client.connect();
    await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off');
    await client.query('SELECT max(kind) FROM (SELECT * FROM subject ORDER BY subject_ref)');
    await client.query('SELECT max(length(body)) FROM (SELECT * FROM record ORDER BY subject_ref, record)');
    await client.end();
  }

  /** All that was written so far is on the disk, so that nothing later waits for it. */
  async checkpoint(): Promise<void> {
    const client = new pg.Client(this.#postgres.superuserUrl);
    await client.connect();
    await client.query('CHECKPOINT');
    await client.end();
  }

  /** The server's own memory is empty afterwards; the operating system's is not. */
  async restart(): Promise<void> {
    const { port } = this.#postgres;
    await this.#postgres.stop();
    this.#postgres = await startPostgres({
      ...{ dir: join(this.home, 'postgres'), fsync: true, port, bufferMb: this.#bufferMb },
    });
  }

  async stop(): Promise<void> {
    await this.owner.end().catch(() => undefined);
    await this.#postgres.stop({ remove: true });
    rmSync(this.home, { recursive: true, force: true });
  }
}
