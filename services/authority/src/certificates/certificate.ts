import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Random } from '@causeway/kernel';
import forge from 'node-forge';

/** A certificate and the hex SHA-256 of its DER, by which the directory names it. */
export interface IssuedCertificate {
  readonly pem: string;
  readonly thumbprint: string;
  readonly serial: string;
  readonly notAfterMs: number;
}

/** The name in a federation certificate that counts: `urn:causeway:<fed>:<member>`. */
export function memberUri(fed: string, member: string): string {
  return `urn:causeway:${fed}:${member}`;
}

/** 127 random bits, positive and never zero (RFC 5280 section 4.1.2.2). */
export function randomSerial(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

export interface SubjectAltName {
  readonly type: 2 | 6 | 7;
  readonly value?: string;
  readonly ip?: string;
}

/** The hosts that a certificate may be served from, as subject alternative names. */
export function hostNames(hosts: readonly string[]): SubjectAltName[] {
  return hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host }));
}

export function distinguishedName(fed: string, commonName: string): forge.pki.CertificateField[] {
  return [
    { name: 'organizationName', value: 'Causeway' },
    { name: 'organizationalUnitName', value: fed },
    { name: 'commonName', value: commonName },
  ];
}

/** What the directory and the ledger need to know of a finished certificate. */
export function describe(certificate: forge.pki.Certificate): IssuedCertificate {
  const der = Buffer.from(forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes(), 'binary');
  return {
    pem: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n'),
    thumbprint: createHash('sha256').update(der).digest('hex'),
    serial: certificate.serialNumber,
    notAfterMs: certificate.validity.notAfter.getTime(),
  };
}
