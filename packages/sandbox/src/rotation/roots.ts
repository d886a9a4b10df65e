import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Digest, kidOf, readUnverified } from '@causeway/protocol';
import { type RootFile, readRootPayload } from '@causeway/protocol/root';
import { json, send } from '@causeway/sdk';
import { authorityCeremony } from '../ceremony.ts';
import type { Federation } from '../federation.ts';

interface PublishedRoot {
  version: number;
  fingerprint: Digest;
}

const LOOK_MS = 200;
const PATIENCE_MS = 30_000;

/**
 * Holds the ceremony of the next root file on the running federation: proposed, signed by every root key that
 * the sandbox has, old and new, and published.
 */
export async function rotateRoot(
  federation: Federation,
  change: { newRootKeys?: number; newDirectoryKey?: boolean; dropDirectoryKey?: string } = {},
): Promise<PublishedRoot> {
  const { authorityDir: dir } = federation.ceremony;
  const proposal = join(federation.home, 'next-root.json');
  const before = (await rootFiles(federation)).length;
  await authorityCeremony(dir, 'propose-root', [
    ...['--proposal', proposal],
    ...(change.newRootKeys === undefined ? [] : ['--root-keys', String(change.newRootKeys)]),
    ...(change.newDirectoryKey === true ? ['--new-directory-key'] : []),
    ...(change.dropDirectoryKey === undefined ? [] : ['--drop-directory-key', change.dropDirectoryKey]),
  ]);
  for (const key of holders(dir, before, change.newRootKeys !== undefined)) {
    await authorityCeremony(dir, 'sign-root', ['--proposal', proposal, '--key', key]);
  }
  return (await authorityCeremony(dir, 'publish-root', ['--proposal', proposal])) as PublishedRoot;
}

/** Replaces the directory key: named beside the old one, told to sign, and then the old one goes. */
export async function rotateDirectoryKey(federation: Federation): Promise<string> {
  const [old = ''] = await directoryKeys(federation);
  await rotateRoot(federation, { newDirectoryKey: true });
  const kid = (await directoryKeys(federation)).find((each) => each !== old) ?? '';
  await authorityCeremony(federation.ceremony.authorityDir, 'use-directory-key', ['--kid', kid]);
  await until(async () => (await headKid(federation)) === kid, 'the new directory key does not sign');
  await rotateRoot(federation, { dropDirectoryKey: old });
  return kid;
}

/** The root files that the authority serves, oldest first. */
export async function rootFiles(federation: Federation): Promise<RootFile[]> {
  const url = `${federation.url('authority')}/roots`;
  return JSON.parse((await send({ method: 'GET', url })).text) as RootFile[];
}

/** The directory keys that the newest root file names. */
async function directoryKeys(federation: Federation): Promise<string[]> {
  const newest = (await rootFiles(federation)).at(-1);
  if (!newest) throw new Error('the authority serves no root file');
  return readRootPayload(newest).keys.map((key) => kidOf(key.member, key.jwk));
}

/** The key that signed the directory's newest head. */
export async function headKid(federation: Federation): Promise<string> {
  const answer = json(await send({ method: 'GET', url: `${federation.url('authority')}/directory` }));
  return readUnverified(String(answer['head'])).header.kid;
}

/** The root keys of the newest version before, and of the new one where it has its own. */
function holders(dir: string, before: number, renewed: boolean): string[] {
  const names = readdirSync(join(dir, 'offline')).filter((name) => name.endsWith('.jwk'));
  const versions = names.map((name) => ({ name, version: Number(/-v(\d+)-/.exec(name)?.[1] ?? 1) }));
  const old = Math.max(...versions.map(({ version }) => version).filter((version) => version <= before));
  const signing = versions.filter(({ version }) => version === old || (renewed && version === before + 1));
  return signing.map(({ name }) => join(dir, 'offline', name));
}

async function until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(otherwise);
    await wait(LOOK_MS);
  }
}
