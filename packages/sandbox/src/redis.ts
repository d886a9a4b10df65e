import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { goneWithin, signalPid } from './pids.ts';
import { freePort, portIsFree } from './ports.ts';
import { findRedis } from './redis-binary.ts';

const START_MS_MAX = 10_000;

export interface RedisOptions {
  /** Folder of the server's files. */
  readonly dir: string;
  /** Folder for a fetched program; shared by all runs of one workspace. */
  readonly programs: string;
  readonly port?: number;
}

/** A running Redis on the loopback interface. */
export interface Redis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  stop(options?: { remove?: boolean }): Promise<void>;
}

/**
 * Starts a Redis that keeps what it accepted (append-only file, no eviction), in a process group of its own.
 * Throws an Error of one sentence where it cannot.
 */
export async function startRedis(options: RedisOptions): Promise<Redis> {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const binary = findRedis(options.programs);
  const port = options.port ?? (await freePort());
  if (!(await portIsFree(port))) throw new Error(`Redis did not start: port ${port} is taken.`);
  const log = openSync(join(dir, 'redis.log'), 'w');
  const flags = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--appendonly', 'yes'];
  const child = spawn(binary.path, [...flags, '--maxmemory-policy', 'noeviction', '--save', ''], {
    env: { ...process.env, ...binary.env },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended ??= `it ended with ${signal ?? code}`));
  const until = performance.now() + START_MS_MAX;
  while (!(await answersPing(port))) {
    if (ended !== undefined || performance.now() > until) {
      throw new Error(`Redis did not start: ${ended ?? 'it did not answer in time'}.`);
    }
    await wait(15);
  }
  const pid = child.pid ?? 0;
  return { url: `redis://127.0.0.1:${port}`, port, pid, stop: (how) => stop(pid, dir, how?.remove ?? false) };
}

async function stop(pid: number, dir: string, remove: boolean): Promise<void> {
  signalPid(pid, 'SIGTERM');
  if (!(await goneWithin(pid, 10_000))) signalPid(pid, 'SIGKILL');
  if (remove) rmSync(dir, { recursive: true, force: true });
}

async function answersPing(port: number): Promise<boolean> {
  return new Promise((resolveTo) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (data) => {
      resolveTo(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolveTo(false));
    socket.once('close', () => resolveTo(false));
  });
}
