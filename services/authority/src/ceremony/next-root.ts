import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, type Random, seconds } from '@causeway/kernel';
import { encodeBase64url } from '@causeway/protocol/base64url';
import { type PrivateJwk, type SigningKey, generateKey, kidOf } from '@causeway/protocol/keys';
import {
  type RootFile,
  type RootPayload,
  cosignRoot,
  readRootPayload,
  rootFingerprint,
} from '@causeway/protocol/root';
import { type TrustedRoot, followRoots } from '@causeway/protocol/root-chain';
import { readRootFiles } from '../directory/root-files.ts';
import { chooseDirectoryKey, readSigningFolder } from '../directory/signing-folder.ts';
import { keyFolders, rootFileOf, signerFiles } from '../keys.ts';
import { ROOT_LIFE_S, rootKeyFile } from './ceremony.ts';
import { publicPart, writePublic, writeSecret } from './key-folder.ts';

/*
 * The next root file, in three steps, because its signers do not meet: it is proposed where the authority's
 * keys are, signed by the quorum of the old and of the new root keys wherever those are kept, and published.
 */

/** What the next root file changes. Nothing of it: then the file only lives on. */
export interface RootChange {
  /** New root keys in place of all the old ones. */
  readonly rootKeys?: number;
  readonly threshold?: number;
  /** A further directory key, made in the signer's folder. */
  readonly newDirectoryKey?: boolean;
  /** The kid of a directory key that shall not count any more. */
  readonly dropDirectoryKey?: string;
}

/**
 * A root file that nobody has signed yet. New root keys are written for their holders, a new directory key
 * into the signer's folder.
 * @throws Error for a directory key that is not named, or that signs heads now
 */
export function proposeRoot(dir: string, change: RootChange, clock: Clock, random: Random): RootFile {
  const before = newestOf(readRootFiles(dir));
  const nowS = seconds(clock);
  const payload: RootPayload = {
    ...readRootPayload(before.file),
    version: before.version + 1,
    previous: before.fingerprint,
    ...newRootKeys(dir, before, change, random),
    keys: directoryKeys(dir, before, change, { nowS, random }),
    issued_at: nowS,
    expires_at: nowS + ROOT_LIFE_S,
  };
  return { payload: encodeBase64url(new TextEncoder().encode(JSON.stringify(payload))), signatures: [] };
}

/** Adds the signatures of some root keys, old or new. @throws CausewayError `directory_invalid` for others */
export function signProposal(dir: string, proposal: RootFile, keys: readonly PrivateJwk[]): RootFile {
  return cosignRoot(proposal, keys, newestOf(readRootFiles(dir)));
}

/**
 * Puts a root file that both quorums have signed in force; running processes follow within a second.
 * @throws CausewayError with the code of what it lacks
 */
export function publishRoot(dir: string, proposal: RootFile): { version: number; fingerprint: string } {
  const next = newestOf([...readRootFiles(dir), proposal]);
  writePublic(dir, rootFileOf(next.version), JSON.stringify(proposal));
  // A crash before this leaves a proposal that can be published again.
  return { version: next.version, fingerprint: next.fingerprint };
}

/**
 * Tells the signer which directory key to sign with from now on; heads under any key that the root names stay
 * good.
 * @throws Error where the newest root does not name it, or the signer does not have it
 */
export function useDirectoryKey(dir: string, member: string, kid: string): void {
  const folder = join(dir, keyFolders.signer);
  const { keys } = readSigningFolder(folder, member);
  const named = newestOf(readRootFiles(dir)).keys.some(
    (key) => key.use === 'directory' && kidOf(key.member, key.jwk) === kid,
  );
  if (!named || !keys.some((key) => key.kid === kid)) {
    throw new Error('The newest root file does not name this key, or the signer does not have it.');
  }
  writePublic(dir, `${keyFolders.signer}/${signerFiles.told}`, kid);
}

function newestOf(files: readonly RootFile[]): TrustedRoot {
  const [first] = files;
  const newest = first && followRoots(files, rootFingerprint(first)).at(-1);
  if (!newest) throw new Error('There is no root file here; hold the first ceremony.');
  return newest;
}

function newRootKeys(
  dir: string,
  before: TrustedRoot,
  { rootKeys, threshold }: RootChange,
  random: Random,
): Pick<RootPayload, 'root_keys' | 'threshold'> {
  const { root_keys } = before;
  if (rootKeys === undefined) return { root_keys, threshold: threshold ?? before.threshold };
  const made = Array.from({ length: rootKeys }, () => generateKey(random));
  for (const [at, key] of made.entries()) {
    writeSecret(dir, rootKeyFile(before.version + 1, at + 1), JSON.stringify(key));
  }
  return { root_keys: made.map(publicPart), threshold: threshold ?? 1 };
}

function directoryKeys(
  dir: string,
  before: TrustedRoot,
  { dropDirectoryKey: dropped, newDirectoryKey }: RootChange,
  { nowS, random }: { nowS: number; random: Random },
): RootPayload['keys'] {
  const kids = before.keys.map((key) => kidOf(key.member, key.jwk));
  if (dropped !== undefined) checkDropped(kids, dropped, signingNow(dir, before, nowS));
  const kept = before.keys.filter((key) => kidOf(key.member, key.jwk) !== dropped);
  if (newDirectoryKey !== true) return kept;
  const member = before.keys.find(({ use }) => use === 'directory')?.member ?? 'authority';
  const key = generateKey(random);
  const file = `${keyFolders.signer}/directory-${before.version + 1}.jwk`;
  if (existsSync(join(dir, file)))
    throw new Error(`${file} is there already: a proposal waits for signatures.`);
  writeSecret(dir, file, JSON.stringify(key));
  return [...kept, { use: 'directory', member, jwk: publicPart(key), from: nowS }];
}

function checkDropped(kids: readonly string[], dropped: string, signing: SigningKey | undefined): void {
  if (!kids.includes(dropped)) throw new Error('The root file does not name the key that shall go.');
  if (signing?.kid === dropped) throw new Error('This key signs heads now; have another one sign first.');
}

function signingNow(dir: string, root: TrustedRoot, nowS: number): SigningKey | undefined {
  const member = root.keys.find(({ use }) => use === 'directory')?.member ?? 'authority';
  return chooseDirectoryKey(readSigningFolder(join(dir, keyFolders.signer), member), root, nowS);
}

/** A proposal as a file on its way from holder to holder. */
export function readProposal(file: string): RootFile {
  return JSON.parse(readFileSync(file, 'utf8')) as RootFile;
}
