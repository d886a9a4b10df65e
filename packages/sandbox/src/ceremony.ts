import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Digest, type PrivateJwk, generateKey } from '@causeway/protocol';
import { SUPERVISION, listedStaff } from './people/staff.ts';
import { type Ports, issuerAt } from './plan.ts';
import { programFile } from './program-files.ts';

/**
 * The founding of a federation: its anchor, the authority's key folder, and the two officers who admit
 * members.
 */
export interface Ceremony {
  fed: string;
  anchor: Digest;
  authorityDir: string;
  officers: { id: string; key: PrivateJwk }[];
  officersFile: string;
}

/** One ceremony of the authority in its keys directory, as its operator holds it; what it says. */
export async function authorityCeremony(dir: string, name: string, options: string[]): Promise<unknown> {
  const args = [programFile('ceremony'), name, '--dir', dir, ...options];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

const OFFICERS = ['officer-lin', 'officer-zhao'];

/**
 * Runs the authority's own ceremony once; afterwards reads what it left. @throws Error in one sentence where
 * that was before nodes had ledger keys: members that were admitted then have none in the directory.
 */
export async function holdCeremony(home: string, fed: string, ports: Ports): Promise<Ceremony> {
  const file = ceremonyFile(home);
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(await found(home, fed, ports)), { mode: 0o600 });
  const ceremony = keptCeremony(home);
  if (existsSync(join(ceremony.authorityDir, 'ledger.jwk'))) return ceremony;
  throw new Error(`${home} holds a federation of an earlier version; remove it, or name another with --home`);
}

const ceremonyFile = (home: string): string => join(home, 'ceremony.json');

/** What `holdCeremony` has left in this folder. @throws Error where there is none */
export const keptCeremony = (home: string): Ceremony =>
  JSON.parse(readFileSync(ceremonyFile(home), 'utf8')) as Ceremony;

async function found(home: string, fed: string, ports: Ports): Promise<Ceremony> {
  const authorityDir = join(home, 'keys', 'authority');
  const officers = OFFICERS.map((id) => ({ id, key: generateKey() }));
  const officersFile = join(home, 'officers.json');
  writeFileSync(
    officersFile,
    JSON.stringify({ keys: officers.map(({ key: { kty, crv, x } }) => ({ kty, crv, x })) }),
  );
  const made = await authorityCeremony(authorityDir, 'found', [
    ...['--fed', fed, '--member', 'authority'],
    ...['--public-url', `http://localhost:${ports.public('authority')}`],
    ...['--federation-url', `https://localhost:${ports.federation('authority')}`],
    ...['--officers', officersFile, '--staff', JSON.stringify(listedStaff(SUPERVISION, issuerAt(ports)))],
  ]);
  const { anchor } = made as { anchor: Digest };
  return { fed, anchor, authorityDir, officers, officersFile };
}
