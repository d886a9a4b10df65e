import forge from 'node-forge';
import { generateRsa } from './certificate-authority.ts';

export interface RequestOptions {
  /** What the request would like to be called; a CA must not care. */
  readonly commonName?: string;
  readonly uri?: string;
  /** PEM of another key to sign with. */
  readonly signWith?: string;
  readonly md?: 'sha1' | 'sha256';
  readonly publicKeyPem?: string;
}

/** A PKCS #10 request as an applicant makes it, or as one should not be made. */
export function makeRequest(options: RequestOptions = {}): { csr: string; keyPem: string } {
  const pair = generateRsa(2048);
  const request = forge.pki.createCertificationRequest();
  request.publicKey = forge.pki.publicKeyFromPem(options.publicKeyPem ?? pair.publicKeyPem);
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
