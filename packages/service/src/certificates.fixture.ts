import { generateKeyPairSync } from 'node:crypto';

import forge from 'node-forge';

import type { LiveTls } from './live-tls.ts';
import type { TlsFiles } from './node-keys.ts';
import { thumbprintOf } from './peer.ts';

const { pki } = forge;
const day = 86_400_000;
let serial = 1;

/** Keys by node, which is fast; certificates by forge. */
function newKeys(): { pem: string; publicKey: forge.pki.PublicKey; privateKey: forge.pki.rsa.PrivateKey } {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return {
    pem: pair.privateKey,
    publicKey: pki.publicKeyFromPem(pair.publicKey),
    privateKey: pki.privateKeyFromPem(pair.privateKey),
  };
}

interface CertificateOptions {
  uris: string[];
  notAfterMs?: number;
  usage?: 'both' | 'server';
}

/** A certificate authority of its own, and certificates by it. */
export function newAuthority() {
  const keys = newKeys();
  const name = [{ name: 'commonName', value: 'Test CA' }];
  const ca = pki.createCertificate();
  ca.publicKey = keys.publicKey;
  ca.serialNumber = '01';
  ca.validity.notBefore = new Date(Date.now() - day);
  ca.validity.notAfter = new Date(Date.now() + day);
  ca.setSubject(name);
  ca.setIssuer(name);
  ca.setExtensions([{ name: 'basicConstraints', cA: true, critical: true }]);
  ca.sign(keys.privateKey, forge.md.sha256.create());
  const caPem = pki.certificateToPem(ca);
  const issue = (options: CertificateOptions): TlsFiles => {
    const own = newKeys();
    const certificate = pki.createCertificate();
    serial += 1;
    certificate.publicKey = own.publicKey;
    certificate.serialNumber = serial.toString(16).padStart(4, '0');
    certificate.validity.notBefore = new Date(Date.now() - day);
    certificate.validity.notAfter = new Date(options.notAfterMs ?? Date.now() + day);
    certificate.setSubject([{ name: 'commonName', value: 'node' }]);
    certificate.setIssuer(name);
    certificate.setExtensions([
      { name: 'extKeyUsage', serverAuth: true, clientAuth: options.usage !== 'server' },
      { name: 'subjectAltName', altNames: options.uris.map((value) => ({ type: 6, value })) },
    ]);
    certificate.sign(keys.privateKey, forge.md.sha256.create());
    return { key: own.pem, cert: pki.certificateToPem(certificate), ca: caPem };
  };
  return { issue };
}

/** A node whose certificate is the same for ever, unless a test calls `replace`. */
export function fixedTls(first: TlsFiles): LiveTls & { replace(next: TlsFiles): void } {
  let now = first;
  const listeners: ((next: TlsFiles) => void)[] = [];
  return {
    current: () => now,
    onChange: (listener) => void listeners.push(listener),
    replace: (next) => {
      now = next;
      for (const listener of listeners) listener(next);
    },
  };
}

export const thumbprint = (tls: TlsFiles): string =>
  thumbprintOf(Buffer.from(forge.pem.decode(tls.cert)[0]?.body ?? '', 'binary'));
/** The name of a member in a certificate. */
export const uri = (member: string, fed = 'sandbox'): string => `urn:causeway:${fed}:${member}`;
