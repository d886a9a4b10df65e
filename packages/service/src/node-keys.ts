import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { signingKeyFromJwk } from '@causeway/protocol';
import type { PublicJwk, SigningKey } from '@causeway/protocol';
import { decodeBase64url } from '@causeway/protocol/base64url';
import Type from 'typebox';
import { Value } from 'typebox/value';

import { ConfigError } from './config-error.ts';
import { thumbprintOf } from './peer.ts';

/** PEM texts: the node's key and certificate, and the authority's CA certificates it trusts. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** A certificate of the node with its key, and what tells it from others. */
export interface TlsPair extends TlsFiles {
  readonly thumbprint: string;
  /** Milliseconds since the epoch, both. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What may be replaced in a key folder while the node runs; which of them it uses the directory decides. */
export interface HeldKeys {
  /** Sign the node's statements. */
  readonly statements: readonly SigningKey[];
  /** Oldest first. */
  readonly pairs: readonly [TlsPair, ...TlsPair[]];
}

/** An Ed25519 key that signs notes, which are no statements: checkpoints or cosignatures. */
export interface TreeKey {
  readonly jwk: PublicJwk;
  /** 32 bytes (RFC 8032). Never logged, never sent. */
  readonly seed: Uint8Array;
}

/** A node's own secrets, handed to the parts that need them. */
export interface NodeKeys {
  /** 32 bytes that wrap the data keys of stored payloads; the same for the life of the node. */
  readonly sealing: Uint8Array;
  /** Signs the checkpoints of the node's own ledger; the same for the life of the ledger. */
  readonly ledger: TreeKey;
  /** Cosigns the checkpoints of others. */
  readonly witness: TreeKey;
  /** What the folder held at the last look. */
  held(): HeldKeys;
  /**
   * Looks into the folder again; true where it holds something else than before.
   * @throws ConfigError naming the file that cannot be used; then all stays as it was
   */
  reload(): boolean;
}

const statementName = /^statement(-[a-z0-9-]{1,40})?\.jwk$/u;
const certificateName = /^tls-cert((?:-[a-z0-9-]{1,40})?)\.pem$/u;

/**
 * Reads `statement.jwk` and further `statement-<name>.jwk`, `tls-key.pem` with `tls-cert.pem` and further
 * `tls-key-<name>.pem` with `tls-cert-<name>.pem`, `ca-cert.pem`, `sealing.key` (32 bytes, base64url), and
 * `ledger.jwk` and `witness.jwk`, one each.
 * @throws ConfigError naming the file, never its content
 */
export function loadNodeKeys(dir: string, member: string): NodeKeys {
  const sealing = Buffer.from(readKeyFile(dir, 'sealing.key').trim(), 'base64url');
  if (sealing.length !== 32)
    throw new ConfigError(`${join(dir, 'sealing.key')} must hold 32 bytes, base64url.`);
  const [ledger, witness] = [readTreeKey(dir, 'ledger.jwk'), readTreeKey(dir, 'witness.jwk')];
  if (ledger.jwk.x === witness.jwk.x)
    throw new ConfigError(`${join(dir, 'ledger.jwk')} and witness.jwk must hold two different keys.`);
  let held = readFolder(dir, member);
  return {
    ...{ sealing, ledger, witness },
    held: () => held,
    reload: () => {
      const fresh = readFolder(dir, member);
      const changed = namesOf(fresh) !== namesOf(held);
      if (changed) held = fresh;
      return changed;
    },
  };
}

function readFolder(dir: string, member: string): HeldKeys {
  const names = listFiles(dir);
  const statements = names
    .filter((name) => statementName.test(name))
    .map((name) => readStatementKey(dir, name, member));
  if (statements.length === 0) throw missing(dir, 'statement.jwk');
  const ca = readKeyFile(dir, 'ca-cert.pem');
  const [first, ...more] = names
    .flatMap((name) => certificateName.exec(name)?.[1] ?? [])
    .map((suffix) => readPair(dir, suffix, ca))
    .toSorted((a, b) => a.notBeforeMs - b.notBeforeMs);
  if (first === undefined) throw missing(dir, 'tls-cert.pem');
  return { statements, pairs: [first, ...more] };
}

const namesOf = ({ statements, pairs }: HeldKeys): string =>
  JSON.stringify([statements.map(({ kid }) => kid), pairs.map(({ thumbprint, ca }) => [thumbprint, ca])]);

const PrivateJwkSchema = Type.Object(
  { kty: Type.Literal('OKP'), crv: Type.Literal('Ed25519'), x: Type.String(), d: Type.String() },
  { additionalProperties: true },
);

function readStatementKey(dir: string, name: string, member: string): SigningKey {
  return readJwk(dir, name, member).key;
}

function readTreeKey(dir: string, name: string): TreeKey {
  const { key, d } = readJwk(dir, name, '');
  return { jwk: key.jwk, seed: decodeBase64url(d) };
}

function readJwk(dir: string, name: string, member: string): { key: SigningKey; d: string } {
  const text = readKeyFile(dir, name);
  try {
    const jwk = Value.Parse(PrivateJwkSchema, JSON.parse(text));
    return { key: signingKeyFromJwk(member, jwk), d: jwk.d };
  } catch {
    throw new ConfigError(`${join(dir, name)} is not a private Ed25519 JWK.`);
  }
}

function readPair(dir: string, suffix: string, ca: string): TlsPair {
  const name = `tls-cert${suffix}.pem`;
  const [key, cert] = [readKeyFile(dir, `tls-key${suffix}.pem`), readKeyFile(dir, name)];
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new RangeError('of another key');
    const [notBeforeMs, notAfterMs] = [certificate.validFromDate, certificate.validToDate].map(Number);
    const thumbprint = thumbprintOf(certificate.raw);
    return { key, cert, ca, thumbprint, notBeforeMs: notBeforeMs ?? 0, notAfterMs: notAfterMs ?? 0 };
  } catch {
    throw new ConfigError(`${join(dir, name)} is not a certificate of the key beside it.`);
  }
}

function listFiles(dir: string): string[] {
  try {
    return readdirSync(dir).toSorted();
  } catch {
    throw new ConfigError(`${dir} cannot be read; the keys of this member belong there.`);
  }
}

function readKeyFile(dir: string, name: string): string {
  try {
    return readFileSync(join(dir, name), 'utf8');
  } catch {
    throw missing(dir, name);
  }
}

const missing = (dir: string, name: string): ConfigError =>
  new ConfigError(`${join(dir, name)} cannot be read; the keys of this member belong there.`);
