import forge from 'node-forge';
import { generateKeyPairSync } from 'node:crypto';

export interface RequestOptions {
  /** What the request would like to be called; a CA must not care. */
  readonly commonName?: string;
  readonly uri?: string;
  /** PEM of another key to sign with. */
  readonly signWith?: string;
  readonly md?: 'sha1' | 'sha256';
  readonly publicKeyPem?: string;
  readonly bits?: number;
  readonly exponent?: number;
}

/** A PKCS #10 request as an applicant makes it, or as one should not be made. */
export function makeRequest(options: RequestOptions = {}): { csr: string; keyPem: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: options.bits ?? 2048,
    publicExponent: options.exponent === 1 ? 65_537 : (options.exponent ?? 65_537),
  });
  const pair = {
    publicKeyPem: String(publicKey.export({ type: 'spki', format: 'pem' })),
    privateKeyPem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
  const request = forge.pki.createCertificationRequest();
  const key = forge.pki.publicKeyFromPem(options.publicKeyPem ?? pair.publicKeyPem);
  // No library makes a key with the exponent 1, so one is put together.
  const one = new forge.jsbn.BigInteger('1', 10);
  request.publicKey = options.exponent === 1 ? forge.pki.setRsaPublicKey(key.n, one) : key;
  request.setSubject([{ name: 'commonName', value: options.commonName ?? 'whoever' }]);
  const altNames = [{ type: 6, value: options.uri ?? 'urn:causeway:other:authority' }];
  request.setAttributes([{ name: 'extensionRequest', extensions: [{ name: 'subjectAltName', altNames }] }]);
  const md = options.md === 'sha1' ? forge.md.sha1.create() : forge.md.sha256.create();
  request.sign(forge.pki.privateKeyFromPem(options.signWith ?? pair.privateKeyPem), md);
  return {
    csr: forge.pki.certificationRequestToPem(request).replaceAll('\r\n', '\n'),
    keyPem: pair.privateKeyPem,
  };
}
