import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Federation } from '@causeway/sandbox/federation';
import { Pool } from 'undici';
import { ACCOUNTS } from './accounts-file.ts';
import type { Scene } from './scene.ts';

const SERVER = fileURLToPath(new URL('direct-server.ts', import.meta.url));

/** The baseline: the client itself asks each bureau's store over plain, kept-alive HTTP. */
export class Direct {
  readonly processes: ReadonlyMap<string, number>;
  readonly #children: readonly ChildProcess[];
  readonly #pools: readonly Pool[];
  readonly #scene: Scene;
  #ranks: number[] = [];

  private constructor(children: Map<string, ChildProcess>, pools: Pool[], scene: Scene) {
    this.#children = [...children.values()];
    this.processes = new Map([...children].map(([name, { pid }]) => [`direct ${name}`, pid ?? 0]));
    this.#pools = pools;
    this.#scene = scene;
  }

  static async start(federation: Federation, scene: Scene, inFlight: number): Promise<Direct> {
    const children = new Map<string, ChildProcess>();
    const pools: Pool[] = [];
    for (const bureau of federation.card.bureaus) {
      const url = federation.process(bureau).program.env['CAUSEWAY_DATABASE_URL'] ?? '';
      const child = spawn(process.execPath, [SERVER, url], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.set(bureau, child);
      const [port] = (await once(child.stdout, 'data')) as [Buffer];
      pools.push(
        new Pool(`http://127.0.0.1:${String(port).trim()}`, { connections: inFlight, pipelining: 1 }),
      );
    }
    return new Direct(children, pools, scene);
  }

  prepare(count: number, rank: () => number): void {
    this.#ranks = Array.from({ length: count }, rank);
  }

  /** Asks all bureaus about the subject of the n-th rank. @throws Error where one holds other than ten */
  readonly ask = async (n: number): Promise<void> => {
    const ref = this.#scene.agreed[this.#ranks[n] ?? -1]?.subjectRef;
    if (ref === undefined) throw new RangeError('no such rank');
    const path = `/subjects/${ref}/records`;
    const answers = this.#pools.map(async (pool) => {
      const { body } = await pool.request({ method: 'GET', path });
      return (await body.json()) as { records: unknown[] };
    });
    const found = (await Promise.all(answers)).map(({ records }) => records.length);
    if (!found.every((records) => records === ACCOUNTS)) throw new Error(`records found: ${found.join()}`);
  };

  async stop(): Promise<void> {
    await Promise.all(this.#pools.map(async (pool) => await pool.close()));
    for (const child of this.#children) child.kill('SIGTERM');
  }
}
