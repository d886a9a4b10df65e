import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { signingKeyFromJwk } from '@causeway/protocol';
import type { SigningKey } from '@causeway/protocol';
import Type from 'typebox';
import { Value } from 'typebox/value';

import { ConfigError } from './config-error.ts';

/** PEM texts: the node's key and certificate, and the authority's CA certificates it trusts. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** A node's own secrets, read once at its start and handed to the parts that need them. */
export interface NodeKeys {
  /** Signs the node's statements. */
  readonly statement: SigningKey;
  readonly tls: TlsFiles;
  /** 32 bytes that wrap the data keys of stored payloads. */
  readonly sealing: Uint8Array;
}

/**
 * Reads `statement.jwk`, `tls-key.pem`, `tls-cert.pem`, `ca-cert.pem` and `sealing.key` (32 bytes,
 * base64url).
 * @throws ConfigError naming the file, never its content
 */
export function loadNodeKeys(dir: string, member: string): NodeKeys {
  const sealing = Buffer.from(readKeyFile(dir, 'sealing.key').trim(), 'base64url');
  if (sealing.length !== 32)
    throw new ConfigError(`${join(dir, 'sealing.key')} must hold 32 bytes, base64url.`);
  return {
    statement: readStatementKey(dir, member),
    tls: {
      key: readKeyFile(dir, 'tls-key.pem'),
      cert: readKeyFile(dir, 'tls-cert.pem'),
      ca: readKeyFile(dir, 'ca-cert.pem'),
    },
    sealing,
  };
}

const PrivateJwkSchema = Type.Object(
  { kty: Type.Literal('OKP'), crv: Type.Literal('Ed25519'), x: Type.String(), d: Type.String() },
  { additionalProperties: true },
);

function readStatementKey(dir: string, member: string): SigningKey {
  const text = readKeyFile(dir, 'statement.jwk');
  try {
    const jwk: unknown = JSON.parse(text);
    return signingKeyFromJwk(member, Value.Parse(PrivateJwkSchema, jwk));
  } catch {
    throw new ConfigError(`${join(dir, 'statement.jwk')} is not a private Ed25519 JWK.`);
  }
}

function readKeyFile(dir: string, name: string): string {
  try {
    return readFileSync(join(dir, name), 'utf8');
  } catch {
    throw new ConfigError(`${join(dir, name)} cannot be read; the keys of this member belong there.`);
  }
}
