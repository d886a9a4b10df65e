import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generateKey } from '@causeway/protocol';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';

import { newAuthority, uri } from './certificates.fixture.ts';

const program = join(import.meta.dirname, 'node-program.fixture.ts');
const keysDir = mkdtempSync(join(tmpdir(), 'keys-'));
const children: ChildProcess[] = [];

beforeAll(() => {
  const { key, cert, ca } = newAuthority().issue({ uris: [uri('slow')] });
  const files = { 'tls-key.pem': key, 'tls-cert.pem': cert, 'ca-cert.pem': ca };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(keysDir, name), text);
  for (const name of ['statement.jwk', 'ledger.jwk', 'witness.jwk'])
    writeFileSync(join(keysDir, name), JSON.stringify(generateKey()));
  writeFileSync(join(keysDir, 'sealing.key'), Buffer.alloc(32, 1).toString('base64url'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Run {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
  exit: { code: number | null; signal: string | null } | undefined;
}

function start(change: Record<string, string> = {}): Run {
  const env = {
    CAUSEWAY_FED: 'sandbox',
    CAUSEWAY_MEMBER: 'slow',
    CAUSEWAY_PUBLIC_PORT: '0',
    CAUSEWAY_FEDERATION_PORT: '0',
    CAUSEWAY_PUBLIC_URL: 'http://localhost:1',
    CAUSEWAY_DATABASE_URL: 'postgres://a@127.0.0.1:1/a',
    CAUSEWAY_AUTHORITY_URL: 'http://localhost:1',
    CAUSEWAY_ANCHOR: `sha-256:${'A'.repeat(43)}`,
    CAUSEWAY_KEYS_DIR: keysDir,
    ...change,
  };
  const child = spawn(process.execPath, [program], { env });
  children.push(child);
  const run: Run = { child, stdout: '', stderr: '', exit: undefined };
  child.stdout.on('data', (chunk: Buffer) => (run.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (run.stderr += chunk.toString()));
  child.on('exit', (code, signal) => (run.exit = { code, signal }));
  return run;
}

const patient = { timeout: 10_000, interval: 10 };
const says = async (run: Run, event: string): Promise<void> =>
  vi.waitFor(() => expect(run.stdout).toContain(`"event":"${event}"`), patient);
const ends = async (run: Run): Promise<void> => vi.waitFor(() => expect(run.exit).toBeDefined(), patient);

test('both listeners are up when its one line says so', async () => {
  const run = start();
  await says(run, 'listening');
  const line = run.stdout.split('\n').find((text) => text.includes('listening')) ?? '';
  const ports = JSON.parse(line) as { public: number; federation: number };
  expect(line).toMatch(
    /^\{"event":"listening","service":"slow","member":"slow","public":\d+,"federation":\d+,"pid":\d+\}$/u,
  );
  expect((await fetch(`http://127.0.0.1:${ports.public}/livez`)).status).toBe(200);
  await expect(fetch(`https://127.0.0.1:${ports.federation}/livez`)).rejects.toThrow('fetch failed');
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'S88 %s lets the request under way end, takes no other, and exits 0',
  async (signal) => {
    const run = start();
    await says(run, 'listening');
    const { public: port } = JSON.parse(run.stdout.split('\n').at(-2) ?? '') as { public: number };
    const answer = fetch(`http://127.0.0.1:${port}/slow`);
    await says(run, 'slow');
    run.child.kill(signal);
    expect(await (await answer).json()).toEqual({ done: true });
    await ends(run);
    expect(run.exit).toEqual({ code: 0, signal: null });
    expect(run.stdout).toContain('"event":"stopped"');
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow('fetch failed');
  },
);

test('SIGHUP reloads, and ends nothing', async () => {
  const run = start();
  await says(run, 'listening');
  run.child.kill('SIGHUP');
  await says(run, 'reloaded');
  expect(run.exit).toBeUndefined();
});

test('a bad setting ends the start with one sentence and no line on stdout', async () => {
  const run = start({ CAUSEWAY_ANCHOR: 'sha-256:short' });
  await ends(run);
  expect([run.exit?.code, run.stdout]).toEqual([1, '']);
  expect(run.stderr).toMatch(/^slow cannot start: CAUSEWAY_ANCHOR is not usable: [^\n]*\.\n$/u);
});

test('a taken port ends the start, with nothing half open', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const run = start({ CAUSEWAY_FEDERATION_PORT: String(port) });
  await ends(run);
  expect(run.exit?.code).toBe(1);
  expect(run.stderr).toContain('EADDRINUSE');
  expect(run.stdout).not.toContain('listening');
  taken.close();
});
