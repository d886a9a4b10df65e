import { generateKeyPairSync } from 'node:crypto';

import forge from 'node-forge';

/** A private key and its certificate, or its public key, as PEM. */
export interface TlsPair {
  readonly key: string;
  readonly cert: string;
}

/** All keys of a registry and of the one organisation that may ask it. */
export interface CcrcCredentials {
  readonly ca: string;
  readonly server: TlsPair;
  readonly client: TlsPair;
  readonly requests: { readonly key: string; readonly publicKey: string };
  readonly answers: { readonly key: string; readonly publicKey: string };
}

const day = 86_400_000;

/** New credentials under a certificate authority of their own, good for the address 127.0.0.1. */
export function newCredentials(nowMs: number): CcrcCredentials {
  const authority = keyPair();
  const issuer = [{ name: 'commonName', value: 'CCRC (simulator)' }];
  const ca = certificate(authority, authority, issuer, issuer, nowMs, [
    { name: 'basicConstraints', cA: true, critical: true },
  ]);
  const issue = (name: string): TlsPair => {
    const own = keyPair();
    const subject = [{ name: 'commonName', value: name }];
    const cert = certificate(own, authority, subject, issuer, nowMs, [
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ]);
    return { key: own.key, cert };
  };
  const [requests, answers] = [keyPair(), keyPair()];
  return { ca, server: issue('registry'), client: issue('query-front-end'), requests, answers };
}

interface Pair {
  readonly key: string;
  readonly publicKey: string;
}

/** By node, which is fast; certificates by forge. */
function keyPair(): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { key: privateKey, publicKey };
}

let serial = 1;

function certificate(
  own: Pair,
  authority: Pair,
  subject: forge.pki.CertificateField[],
  issuer: forge.pki.CertificateField[],
  nowMs: number,
  extensions: object[],
): string {
  const made = forge.pki.createCertificate();
  serial += 1;
  made.publicKey = forge.pki.publicKeyFromPem(own.publicKey);
  made.serialNumber = serial.toString(16).padStart(4, '0');
  made.validity.notBefore = new Date(nowMs - day);
  made.validity.notAfter = new Date(nowMs + 3650 * day);
  made.setSubject(subject);
  made.setIssuer(issuer);
  made.setExtensions(extensions);
  made.sign(forge.pki.privateKeyFromPem(authority.key), forge.md.sha256.create());
  return forge.pki.certificateToPem(made);
}
