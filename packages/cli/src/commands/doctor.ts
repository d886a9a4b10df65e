import { existsSync } from 'node:fs';
import { freemem } from 'node:os';
import { Clients, DEMO_BUREAUS, portIsFree, sandboxCharacters } from '@causeway/sandbox';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { paint } from '../terminal.ts';
import { table } from '../views/table.ts';

interface Finding {
  check: string;
  ok: boolean;
  detail: string;
}

const MEMORY_MIN_BYTES = 1024 ** 3;
const NODE_MAJOR_MIN = 24;
const PORTS = [7000, 7100, 7200, 7300, ...DEMO_BUREAUS.map((_, at) => 7401 + at)];

/** Checks this machine, and the federation that runs on it if one does. */
export async function run({ terminal, home }: CommandContext): Promise<number> {
  const running = existsSync(`${home}/lock`);
  const findings = [nodeVersion(), memory(), ...(running ? await services(home) : [await ports()])];
  terminal.object({ running, findings, people: sandboxCharacters().map(({ id, story }) => ({ id, story })) });
  for (const { check, ok, detail } of findings) {
    terminal.line(`${ok ? paint('green', 'ok') : paint('red', 'no')} ${check}: ${detail}`);
  }
  terminal.line();
  const people = sandboxCharacters().map(({ id, name, story }) => [id, name, story]);
  for (const line of table([{ head: 'person' }, { head: 'name' }, { head: 'story' }], people))
    terminal.line(line);
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.unreachable;
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return { check: 'Node', ok: major >= NODE_MAJOR_MIN, detail: process.version };
}

function memory(): Finding {
  const free = freemem();
  return { check: 'free memory', ok: free >= MEMORY_MIN_BYTES, detail: `${Math.round(free / 1024 ** 2)} MB` };
}

async function ports(): Promise<Finding> {
  const taken = (
    await Promise.all(PORTS.map(async (port) => ((await portIsFree(port)) ? [] : [port])))
  ).flat();
  const detail = taken.length === 0 ? 'free' : `taken by another program: ${taken.join(', ')}`;
  return { check: `ports 7000 to ${PORTS.at(-1)}`, ok: taken.length === 0, detail };
}

async function services(home: string): Promise<Finding[]> {
  const { urls } = Clients.open(home).card;
  const nodes = Object.entries(urls).filter(([name]) => name !== 'identity-provider');
  return Promise.all(
    nodes.map(async ([name, url]) => {
      const ok = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
        (response) => response.ok,
        () => false,
      );
      return { check: name, ok, detail: ok ? `ready at ${url}` : `not ready at ${url}` };
    }),
  );
}
