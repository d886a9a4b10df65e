import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFiles } from '../keys.ts';
import { type TestOfficers, makeOfficers } from './officers.ts';

export interface RunningAuthority {
  readonly fed: string;
  readonly anchor: string;
  readonly dir: string;
  readonly url: string;
  readonly federationPort: number;
  readonly officers: TestOfficers;
  readonly pid: number;
  /** The secrets in the keys directory: private parts as they would show. */
  secrets(): string[];
  /** Everything that the processes wrote. */
  output(): string;
  stop(): Promise<void>;
}

interface Where {
  readonly databaseUrl: string;
  readonly ownerUrl?: string;
  readonly port: number;
  /** Further settings. */
  readonly settings?: Record<string, string>;
}

const FED = 'test-fed';
const SOURCE = join(import.meta.dirname, '..');

/** Runs the ceremony and then the authority, as processes, the way a federation does. */
export async function startAuthority({
  databaseUrl,
  ownerUrl,
  port,
  settings,
}: Where): Promise<RunningAuthority> {
  const dir = mkdtempSync(join(tmpdir(), 'causeway-authority-'));
  const url = `http://localhost:${port}`;
  const federationUrl = `https://localhost:${port + 1000}`;
  const officers = makeOfficers();
  const officersFile = join(dir, 'officers.json');
  writeFileSync(officersFile, officers.jwkSet);
  const where = ['--public-url', url, '--federation-url', federationUrl, '--officers', officersFile];
  const args = ['--dir', dir, '--fed', FED, ...where];
  const made: unknown = JSON.parse(
    execFileSync(process.execPath, [join(SOURCE, 'ceremony.ts'), ...args], { encoding: 'utf8', env: {} }),
  );
  const anchor = String(typeof made === 'object' && made !== null ? Reflect.get(made, 'anchor') : '');
  const env = {
    CAUSEWAY_FED: FED,
    CAUSEWAY_MEMBER: 'authority',
    CAUSEWAY_PUBLIC_PORT: String(port),
    CAUSEWAY_FEDERATION_PORT: '0',
    CAUSEWAY_PUBLIC_URL: url,
    CAUSEWAY_AUTHORITY_URL: url,
    CAUSEWAY_DATABASE_URL: databaseUrl,
    ...(ownerUrl === undefined ? {} : { CAUSEWAY_DATABASE_OWNER_URL: ownerUrl }),
    CAUSEWAY_UNSAFE_STORE: 'accepted',
    CAUSEWAY_ANCHOR: anchor,
    CAUSEWAY_KEYS_DIR: dir,
    CAUSEWAY_OFFICERS_FILE: officersFile,
    ...settings,
  };
  const output: string[] = [];
  const child = spawn(process.execPath, [join(SOURCE, 'main.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const { federation } = await listening(child, output);
  return {
    fed: FED,
    anchor,
    dir,
    url,
    federationPort: federation,
    officers,
    pid: child.pid ?? 0,
    secrets: () => secretsIn(dir),
    output: () => output.join(''),
    stop: () => stop(child, dir),
  };
}

async function listening(child: ChildProcess, output: readonly string[]): Promise<{ federation: number }> {
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const { promise, resolve, reject } = Promise.withResolvers<{ federation: number }>();
  lines.once('line', (line) => {
    const start: unknown = JSON.parse(line);
    if (typeof start === 'object' && start !== null)
      resolve({ federation: Number(Reflect.get(start, 'federation')) });
  });
  child.once('exit', () => reject(new Error(`the authority did not start: ${output.join('')}`)));
  return promise;
}

async function stop(child: ChildProcess, dir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
    await promise;
  }
  rmSync(dir, { recursive: true, force: true });
}

function secretsIn(dir: string): string[] {
  const own = ['statement.jwk', 'auth.jwk', 'ledger.jwk', 'witness.jwk'];
  const names = [...own, keyFiles.accessToken, keyFiles.directory, keyFiles.rootKey];
  const parts = names.map((name) => {
    const jwk: unknown = JSON.parse(readFileSync(join(dir, name), 'utf8'));
    return String(typeof jwk === 'object' && jwk !== null ? Reflect.get(jwk, 'd') : '');
  });
  const others = ['sealing.key', keyFiles.blind].map((name) => readFileSync(join(dir, name), 'utf8').trim());
  const pems = ['tls-key.pem', keyFiles.caKey].map(
    (name) => readFileSync(join(dir, name), 'utf8').split('\n')[1] ?? '',
  );
  return [...parts, ...others, ...pems];
}
