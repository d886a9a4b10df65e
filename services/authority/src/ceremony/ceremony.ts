import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, type Random, seconds } from '@causeway/kernel';
import { encodeBase64url } from '@causeway/protocol/base64url';
import type { Digest } from '@causeway/protocol/digest';
import { type PrivateJwk, type PublicJwk, generateKey } from '@causeway/protocol/keys';
import { type MemberEntry, type MemberStaff, parseMemberEntry } from '@causeway/protocol/member-entry';
import { rootFingerprint, signRoot } from '@causeway/protocol/root';
import { createCa, generateRsa, issueCertificate } from '../certificates/certificate-authority.ts';
import { keyFiles } from '../keys.ts';
import { makeEpoch } from './epochs.ts';
import { publicPart, writePublic, writeSecret } from './key-folder.ts';

export interface CeremonyOptions {
  /** The new keys directory. */
  readonly dir: string;
  readonly fed: string;
  readonly member: string;
  readonly publicUrl: string;
  readonly federationUrl: string;
  /** Further hosts that federation certificates may name. */
  readonly hosts: readonly string[];
  /** How many root keys there are, and how many of them must sign the next root file. */
  readonly rootKeys?: number;
  readonly threshold?: number;
  /** Public keys of the officers who may sign warrants. */
  readonly officers: readonly PublicJwk[];
  /** How the supervisors' staff sign in; two officers can say so later. */
  readonly staff?: MemberStaff;
}

/** How long a root file counts. The next one is due long before. */
export const ROOT_LIFE_S = 10 * 366 * 86_400;

/**
 * Makes all keys of a new federation: root, directory, CA, access tokens, blind evaluation, and the
 * authority's own. Returns the anchor that every member configures out of band.
 * @throws Error where the directory already holds a federation: keys are made once
 */
export function ceremony(
  options: CeremonyOptions,
  clock: Clock,
  random: Random,
): { anchor: Digest; fed: string } {
  const { dir, fed, member } = options;
  if (existsSync(join(dir, keyFiles.root))) throw new Error(`${dir} holds the keys of a federation already.`);
  const nowS = seconds(clock);
  const keys = {
    directory: generateKey(random),
    accessToken: generateKey(random),
    statement: generateKey(random),
    auth: generateKey(random),
    ledger: generateKey(random),
    witness: generateKey(random),
  };
  const rootKeys = Array.from({ length: options.rootKeys ?? 1 }, () => generateKey(random));
  const { caPem, thumbprint } = makeCertificates(options, clock, random);
  const root = signRoot(
    {
      v: 1,
      fed,
      version: 1,
      threshold: options.threshold ?? 1,
      root_keys: rootKeys.map(publicPart),
      keys: [{ use: 'directory', member, jwk: publicPart(keys.directory), from: nowS }],
      ca: [caPem],
      issued_at: nowS,
      expires_at: nowS + ROOT_LIFE_S,
    },
    rootKeys,
  );
  writeSecret(dir, 'statement.jwk', JSON.stringify(keys.statement));
  writeSecret(dir, 'auth.jwk', JSON.stringify(keys.auth));
  writeSecret(dir, 'ledger.jwk', JSON.stringify(keys.ledger));
  writeSecret(dir, 'witness.jwk', JSON.stringify(keys.witness));
  writeSecret(dir, keyFiles.accessToken, JSON.stringify(keys.accessToken));
  writeSecret(dir, keyFiles.directory, JSON.stringify(keys.directory));
  for (const [at, key] of rootKeys.entries()) writeSecret(dir, rootKeyFile(1, at + 1), JSON.stringify(key));
  makeEpoch(dir, random);
  writeSecret(dir, 'sealing.key', encodeBase64url(random.bytes(32)));
  writePublic(dir, keyFiles.ownEntry, ownEntry(options, keys, thumbprint, nowS));
  // Last, because its presence says that the ceremony is complete.
  writePublic(dir, keyFiles.root, JSON.stringify(root));
  return { anchor: rootFingerprint(root), fed };
}

/** Where the n-th root key of a version is put, to be handed to its holder. */
export function rootKeyFile(version: number, n: number): string {
  return version === 1 && n === 1 ? keyFiles.rootKey : `offline/root-v${version}-${n}.jwk`;
}

interface OwnKeys {
  readonly statement: PrivateJwk;
  readonly auth: PrivateJwk;
  readonly accessToken: PrivateJwk;
  readonly ledger: PrivateJwk;
  readonly witness: PrivateJwk;
}

function ownEntry(options: CeremonyOptions, keys: OwnKeys, thumbprint: string, from: number): string {
  const entry: MemberEntry = {
    v: 1,
    id: options.member,
    legal_name: 'Federation authority',
    roles: ['authority'],
    class: 'A',
    jurisdiction: 'CN',
    status: 'active',
    keys: [
      { jwk: publicPart(keys.statement), use: ['inquiry'], from },
      { jwk: publicPart(keys.auth), use: ['client-auth'], from },
      { jwk: publicPart(keys.accessToken), use: ['access-token'], from },
      ...options.officers.map((jwk) => ({ jwk, use: ['warrant' as const], from })),
    ],
    endpoints: { public: options.publicUrl, federation: options.federationUrl },
    certificates: [thumbprint],
    ledger_key: publicPart(keys.ledger),
    witness_key: publicPart(keys.witness),
    ...(options.staff === undefined ? {} : { staff: options.staff }),
  };
  const text = JSON.stringify(entry);
  parseMemberEntry(text);
  return text;
}

function makeCertificates(
  options: CeremonyOptions,
  clock: Clock,
  random: Random,
): { caPem: string; thumbprint: string } {
  const { dir, fed, member, federationUrl } = options;
  const own = new URL(federationUrl).hostname;
  const hosts = [...new Set(['localhost', '127.0.0.1', own, ...options.hosts])];
  const ca = createCa(fed, hosts, clock, random);
  const pair = generateRsa(2048);
  const ownHosts = [...new Set(['localhost', '127.0.0.1', own])];
  const certificate = issueCertificate(
    ca,
    { fed, member, publicKeyPem: pair.publicKeyPem, hosts: ownHosts },
    clock,
    random,
  );
  writeSecret(dir, keyFiles.caKey, ca.privateKeyPem);
  writePublic(dir, keyFiles.ca, ca.certificatePem);
  writeSecret(dir, 'tls-key.pem', pair.privateKeyPem);
  writePublic(dir, 'tls-cert.pem', certificate.pem);
  return { caPem: ca.certificatePem, thumbprint: certificate.thumbprint };
}
