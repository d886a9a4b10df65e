import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '@causeway/kernel';
import { type PrivateJwk, generateKey } from '@causeway/protocol';
import forge from 'node-forge';

/** What a member keeps for itself; only the public halves and the request for a certificate ever leave it. */
export interface MemberKeys {
  dir: string;
  /** The one that its admission registered. */
  statement: PrivateJwk;
  /** All of them: more than one while one replaces another. */
  statements: PrivateJwk[];
  auth: PrivateJwk;
  /** Checkpoints and cosignatures, for members that run nodes. */
  trees?: { ledger: PrivateJwk; witness: PrivateJwk };
  /** PKCS #10 request, for members that run nodes. */
  csr?: string;
}

const PRIVATE = { mode: 0o600 };
const RSA_BITS = 2048;

/**
 * Reads a member's key folder, or makes one. Made whole before first use: a key that exists is never
 * replaced.
 */
export function memberKeys(dir: string, member: string, node: boolean): MemberKeys {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const statement = keyFile(join(dir, 'statement.jwk'));
  const auth = keyFile(join(dir, 'auth.jwk'));
  const statements = readStatementKeys(dir);
  if (!node) return { dir, statement, statements, auth };
  const sealing = join(dir, 'sealing.key');
  if (!existsSync(sealing))
    writeFileSync(sealing, Buffer.from(systemRandom.bytes(32)).toString('base64url'), PRIVATE);
  const trees = { ledger: keyFile(join(dir, 'ledger.jwk')), witness: keyFile(join(dir, 'witness.jwk')) };
  const csr = certificateRequest(join(dir, 'tls-key.pem'), member);
  return { dir, statement, statements, auth, trees, csr };
}

/** A further statement key in a member's folder; the running node takes it up with the next directory. */
export function addStatementKey(dir: string): { file: string; key: PrivateJwk } {
  const key = generateKey();
  const file = `statement-${freeNumber(dir, 'statement-', '.jwk')}.jwk`;
  putWhole(join(dir, file), JSON.stringify(key));
  return { file, key };
}

/** A further key for TLS, as a request for its certificate; `suffix` names the pair in the folder. */
export function newTlsRequest(dir: string, member: string): { csr: string; suffix: string } {
  const suffix = `-${freeNumber(dir, 'tls-key-', '.pem')}`;
  return { csr: certificateRequest(join(dir, `tls-key${suffix}.pem`), member), suffix };
}

/** Puts a certificate beside the key that it was issued for. */
export function addCertificateFile(dir: string, suffix: string, certificate: string): void {
  putWhole(join(dir, `tls-cert${suffix}.pem`), certificate);
}

const readStatementKeys = (dir: string): PrivateJwk[] =>
  readdirSync(dir)
    .filter((name) => /^statement(-[a-z0-9-]+)?\.jwk$/.test(name))
    .toSorted()
    .map((name) => keyFile(join(dir, name)));

/** A running node looks into this folder: under its name a file is whole or not there. */
function putWhole(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text, PRIVATE);
  renameSync(`${path}.tmp`, path);
}

function freeNumber(dir: string, before: string, after: string): number {
  let n = 2;
  while (existsSync(join(dir, `${before}${n}${after}`))) n += 1;
  return n;
}

function keyFile(path: string): PrivateJwk {
  if (!existsSync(path)) writeFileSync(path, JSON.stringify(generateKey()), PRIVATE);
  return JSON.parse(readFileSync(path, 'utf8')) as PrivateJwk;
}

function certificateRequest(keyPath: string, member: string): string {
  if (!existsSync(keyPath)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
    writeFileSync(keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }), PRIVATE);
  }
  const privateKey = forge.pki.privateKeyFromPem(readFileSync(keyPath, 'utf8'));
  const request = forge.pki.createCertificationRequest();
  request.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e);
  request.setSubject([{ name: 'commonName', value: member }]);
  request.sign(privateKey, forge.md.sha256.create());
  return forge.pki.certificationRequestToPem(request);
}

/** Puts the certificate that the authority issued beside the key it was issued for. */
export function storeCertificate(keys: MemberKeys, certificate: string, ca: string): void {
  writeFileSync(join(keys.dir, 'tls-cert.pem'), certificate);
  writeFileSync(join(keys.dir, 'ca-cert.pem'), ca);
}

/** True once a member's certificate lies beside its key. */
export const hasCertificate = (keys: MemberKeys): boolean => existsSync(join(keys.dir, 'tls-cert.pem'));

const admittedFile = (keys: MemberKeys): string => join(keys.dir, 'admitted');
/** True once the authority has admitted the member with these keys. */
export const isAdmitted = (keys: MemberKeys): boolean => existsSync(admittedFile(keys));
export const markAdmitted = (keys: MemberKeys): void => writeFileSync(admittedFile(keys), '');
