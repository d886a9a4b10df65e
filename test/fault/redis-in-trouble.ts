import { once } from 'node:events';
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { goneWithin, signalPid } from '@causeway/sandbox/pids';
import { type Redis, startRedis } from '@causeway/sandbox/redis';
import { RedirectingProxy } from '@causeway/service/redirecting-proxy.fixture';

const PROGRAMS = join(import.meta.dirname, '../../.causeway');

/** A Redis behind an address that stays, with whatever can happen to it while it is used. */
export class RedisInTrouble {
  readonly #dir: string;
  readonly #proxy: RedirectingProxy;
  #servers: Redis[];

  private constructor(dir: string, first: Redis, proxy: RedirectingProxy) {
    this.#dir = dir;
    this.#servers = [first];
    this.#proxy = proxy;
  }

  static async start(dir: string): Promise<RedisInTrouble> {
    const first = await startRedis({ dir: join(dir, 'first'), programs: PROGRAMS });
    return new RedisInTrouble(dir, first, await RedirectingProxy.before(first.port));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#proxy.port}`;
  }

  /** Everything that it holds is gone. */
  async flush(): Promise<void> {
    await command(this.#current, 'FLUSHALL');
  }

  /** Killed as by a power cut, which has taken the end of its file too; then started again. */
  async loseEndOfFile(): Promise<void> {
    await this.#kill();
    const files = join(this.#dir, 'first', 'appendonlydir');
    const last = readdirSync(files).find((name) => name.endsWith('.incr.aof')) ?? '';
    truncateSync(join(files, last), Math.floor(statSync(join(files, last)).size * 0.9));
    await this.#start('first');
  }

  async killAndRestart(): Promise<void> {
    await this.#kill();
    await this.#start('first');
  }

  /** No room for anything for a while: it refuses, since it evicts nothing. */
  async fill(ms: number): Promise<void> {
    await command(this.#current, 'CONFIG SET maxmemory 1mb');
    await new Promise((resolve) => setTimeout(resolve, ms));
    await command(this.#current, 'CONFIG SET maxmemory 0');
  }

  /** Its replica has lost what it had, and takes over. */
  async failOver(): Promise<void> {
    const replica = await startRedis({ dir: join(this.#dir, 'replica'), programs: PROGRAMS });
    await command(replica, `REPLICAOF 127.0.0.1 ${this.#current.port}`);
    await until(async () => (await command(replica, 'INFO replication')).includes('link_status:up'));
    await command(replica, 'REPLICAOF NO ONE');
    await command(replica, 'FLUSHALL');
    await this.#kill();
    this.#servers.push(replica);
    this.#proxy.redirect(replica.port);
  }

  async stop(): Promise<void> {
    await this.#proxy.close();
    for (const server of this.#servers) await server.stop({ remove: true });
  }

  get #current(): Redis {
    const server = this.#servers.at(-1);
    if (!server) throw new Error('no Redis runs');
    return server;
  }

  async #kill(): Promise<void> {
    const { pid } = this.#current;
    signalPid(pid, 'SIGKILL');
    if (!(await goneWithin(pid, 10_000))) throw new Error('Redis does not die');
  }

  async #start(folder: string): Promise<void> {
    const again = await startRedis({ dir: join(this.#dir, folder), programs: PROGRAMS });
    this.#servers.push(again);
    this.#proxy.redirect(again.port);
  }
}

/** One command in Redis's own inline form, and its answer as it comes. */
async function command({ port }: Redis, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(`${text}\r\n`);
  const [reply] = (await once(socket, 'data')) as [string];
  socket.destroy();
  if (reply.startsWith('-')) throw new Error(`Redis refuses ${text}: ${reply.trim()}`);
  return reply;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error('it does not come true');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
