import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exact } from '@causeway/protocol/claim-types';
import { type PrivateJwk, signingKeyFromJwk } from '@causeway/protocol/keys';
import { parseStrictJson } from '@causeway/protocol/strict-json';
import { ConfigError } from '@causeway/service/config-error';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

/**
 * Where the ceremony puts things under the keys directory. Each child process has a folder, or a file, that
 * nobody else reads; `offline` is for a safe, and no process reads it.
 */
export const keyFiles = {
  root: 'root.json',
  ownEntry: 'authority-entry.json',
  accessToken: 'access-token.jwk',
  ca: 'ca-cert.pem',
  directory: 'directory-signer/directory.jwk',
  caKey: 'certificate-issuer/ca-key.pem',
  blind: 'blind-evaluator/oprf.key',
  rootKey: 'offline/root.jwk',
} as const;

/** Folders of the children that hold more than one file. */
export const keyFolders = { signer: 'directory-signer', evaluator: 'blind-evaluator' } as const;

/** In the signer's folder, beside its keys: which of them signs, and the epochs of references. */
export const signerFiles = { told: 'sign-with', references: 'references.json' } as const;

/** The root file of a version, under the keys directory. */
export const rootFileOf = (version: number): string =>
  version === 1 ? keyFiles.root : `root-${String(version)}.json`;

/** The evaluation key of an epoch, in the evaluator's folder. */
export const blindKeyOf = (epoch: string): string => (epoch === '1' ? 'oprf.key' : `oprf-${epoch}.key`);

const privateJwk = exact({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String(),
  d: Type.String(),
});

/** What the HTTP process itself reads beside the keys that every node has. */
export interface AuthorityKeys {
  readonly ownEntryText: string;
  readonly accessToken: PrivateJwk;
  readonly accessTokenKid: string;
}

/** @throws ConfigError naming the file, never its content */
export function loadAuthorityKeys(dir: string, member: string): AuthorityKeys {
  const accessToken = readPrivateJwk(join(dir, keyFiles.accessToken));
  return {
    ownEntryText: read(dir, keyFiles.ownEntry),
    accessToken,
    accessTokenKid: signingKeyFromJwk(member, accessToken).kid,
  };
}

/** A private key as the ceremony wrote it. @throws ConfigError naming the file, never its content */
export function readPrivateJwk(file: string): PrivateJwk {
  try {
    const jwk = parseStrictJson(readFileSync(file, 'utf8'));
    if (Value.Check(privateJwk, jwk)) return jwk;
  } catch {
    // Answered below: what cannot be read or parsed is no key either.
  }
  throw new ConfigError(`${file} is not a private Ed25519 JWK; run the ceremony first.`);
}

function read(dir: string, name: string): string {
  try {
    return readFileSync(join(dir, name), 'utf8');
  } catch {
    throw new ConfigError(`${join(dir, name)} cannot be read; run the ceremony first.`);
  }
}
