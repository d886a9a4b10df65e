import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import type { Federation } from '@causeway/sandbox/federation';
import type { Sequence } from '@causeway/sandbox/people/sequence';
import { WireReader } from './postgres-wire.ts';

/** What the one side sees of a commit that was cut: it did not happen, or it did and nobody said so. */
type Cut = 'before' | 'after';

/**
 * Stands between services and PostgreSQL, and cuts connections at the moment of a commit: a COMMIT, or the
 * end of a statement that is its own transaction. Half of the cut commits happen.
 */
export class CommitCutter {
  readonly #server: Server;
  readonly #target: number;
  readonly #sequence: Sequence;
  readonly #sockets = new Set<Socket>();
  /** One commit of so many is cut; none where this is 0. */
  #oneOf = 0;
  #frozen = false;
  readonly cuts: Record<Cut, number> = { before: 0, after: 0 };

  private constructor(server: Server, target: number, sequence: Sequence) {
    this.#server = server;
    this.#target = target;
    this.#sequence = sequence;
  }

  /** Puts itself between the server and these members' services, which are started again. */
  static async before(federation: Federation, members: string[], sequence: Sequence): Promise<CommitCutter> {
    const server = createServer();
    const cutter = new CommitCutter(server, federation.postgres.port, sequence);
    server.on('connection', (near) => cutter.#join(near));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    for (const member of members) {
      const { program } = federation.process(member);
      const url = new URL(program.env['CAUSEWAY_DATABASE_URL'] ?? '');
      url.port = String((server.address() as AddressInfo).port);
      program.env['CAUSEWAY_DATABASE_URL'] = url.href;
      await federation.process(member).stop();
      await federation.process(member).start();
    }
    return cutter;
  }

  cutOneOf(commits: number): void {
    this.#oneOf = commits;
  }

  /** Nothing passes any more, and no connection ends: a database, or its network, that stands still. */
  freeze(): void {
    this.#frozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  thaw(): void {
    this.#frozen = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const far = connect(this.#target, '127.0.0.1');
    let [idle, executed, silent] = [true, false, false];
    let cut: Cut | undefined;
    const asked = new WireReader('client', (letter, body) => {
      if (letter === 'E') executed = true;
      const ends = letter === 'Q' && /^commit/i.test(body.toString('latin1'));
      const alone = letter === 'S' && executed && idle;
      if (letter === 'S') executed = false;
      if (ends || alone) cut ??= this.#choose();
    });
    const said = new WireReader('server', (letter, body) => {
      if (letter === 'Z') idle = body.toString('latin1') === 'I';
    });
    this.#keep(near, far, (chunk) => {
      asked.read(chunk);
      if (cut === 'before') return end(near, far);
      silent = cut === 'after';
      far.write(chunk);
    });
    this.#keep(far, near, (chunk) => {
      said.read(chunk);
      if (silent) return end(near, far);
      near.write(chunk);
    });
  }

  #choose(): Cut | undefined {
    if (this.#oneOf === 0 || this.#sequence.between(1, this.#oneOf) > 1) return undefined;
    const cut = this.#sequence.between(0, 1) === 0 ? 'before' : 'after';
    this.cuts[cut] += 1;
    return cut;
  }

  #keep(socket: Socket, other: Socket, pass: (chunk: Buffer) => void): void {
    this.#sockets.add(socket);
    socket.on('data', pass);
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
    if (this.#frozen) socket.pause();
  }
}

function end(near: Socket, far: Socket): void {
  near.destroy();
  far.destroy();
}
