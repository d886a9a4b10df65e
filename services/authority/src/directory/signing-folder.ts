import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type SigningKey, kidOf, signingKeyFromJwk } from '@causeway/protocol/keys';
import type { TrustedRoot } from '@causeway/protocol/root-chain';
import { type References, referencesSchema } from '@causeway/protocol/statements/directory';
import { parseStrictJson } from '@causeway/protocol/strict-json';
import { Value } from 'typebox/value';
import { readPrivateJwk, signerFiles } from '../keys.ts';

/** What the signer's own folder holds: its keys, which of them signs, and what it says of references. */
export interface SigningFolder {
  readonly keys: readonly SigningKey[];
  /** The kid of the key that the operator has told it to sign with. */
  readonly told: string | undefined;
  readonly references: References | undefined;
}

const keyName = /^directory(-[a-z0-9-]{1,40})?\.jwk$/u;

/** @throws ConfigError, TypeError naming the file, never its content */
export function readSigningFolder(dir: string, member: string): SigningFolder {
  const names = readdirSync(dir).filter((name) => keyName.test(name));
  return {
    keys: names.map((name) => signingKeyFromJwk(member, readPrivateJwk(join(dir, name)))),
    told: readText(dir, signerFiles.told)?.trim(),
    references: readReferences(readText(dir, signerFiles.references)),
  };
}

/** What the ceremony wrote of the epochs of references. @throws TypeError */
export function readReferences(text: string | undefined): References | undefined {
  if (text === undefined) return undefined;
  const value = parseStrictJson(text);
  if (Value.Check(referencesSchema, value)) return value;
  throw new TypeError(`${signerFiles.references} is not what the ceremony writes`);
}

/**
 * The key that signs heads: the one that it was told to use, else the one that the root has named longest.
 * A key that the newest root names no more signs nothing, whatever was told. Undefined where there is none.
 */
export function chooseDirectoryKey(
  { keys, told }: Pick<SigningFolder, 'keys' | 'told'>,
  root: TrustedRoot,
  nowS: number,
): SigningKey | undefined {
  const named = root.keys
    .filter(({ use, from }) => use === 'directory' && from <= nowS)
    .toSorted((a, b) => a.from - b.from)
    .flatMap(({ member, jwk }) => keys.find(({ kid }) => kid === kidOf(member, jwk)) ?? []);
  return named.find(({ kid }) => kid === told) ?? named[0];
}

function readText(dir: string, name: string): string | undefined {
  try {
    return readFileSync(join(dir, name), 'utf8');
  } catch {
    return undefined;
  }
}
