import { generateKeyPairSync } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { type Clock, type Random, assert } from '@causeway/kernel';
import forge from 'node-forge';
import {
  type IssuedCertificate,
  type SubjectAltName,
  describe,
  distinguishedName,
  hostNames,
  memberUri,
  randomSerial,
} from './certificate.ts';
import { checkRsaKey } from './rsa-strength.ts';

const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
const MEMBER_DAYS = 397;
/**
 * Certificates count from a little before they are issued, so that a node whose clock is behind takes them.
 */
const BACKDATE_MS = 60_000;

export interface CaMaterial {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** Whose certificate, for which key and which hosts. All of it is decided by the authority. */
export interface MemberCertificate {
  readonly fed: string;
  readonly member: string;
  /** SPKI, RSA. */
  readonly publicKeyPem: string;
  /** DNS names and IP addresses of the member's federation listener. */
  readonly hosts: readonly string[];
}

/** A new RSA key pair as PEM (PKCS #8 and SPKI). */
export function generateRsa(bits: 2048 | 3072): { privateKeyPem: string; publicKeyPem: string } {
  const pair = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: 65_537 });
  return {
    privateKeyPem: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKeyPem: String(pair.publicKey.export({ type: 'spki', format: 'pem' })),
  };
}

/**
 * A new self-signed CA for one federation. It can sign end certificates only (path length 0), and only for
 * names under its own organisation and, by name constraints (RFC 5280 section 4.2.1.10), for the hosts given
 * here.
 */
export function createCa(fed: string, hosts: readonly string[], clock: Clock, random: Random): CaMaterial {
  const { privateKeyPem, publicKeyPem } = generateRsa(3072);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKeyPem);
  certificate.serialNumber = randomSerial(random);
  setValidity(certificate, clock, CA_DAYS);
  const name = distinguishedName(fed, 'Causeway federation CA');
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
    { id: '2.5.29.30', critical: true, value: nameConstraints(hosts) },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(privateKeyPem), forge.md.sha256.create());
  return { certificatePem: describe(certificate).pem, privateKeyPem };
}

/** A member's federation certificate: client and server, one member URI, the hosts of its listener. */
export function issueCertificate(
  ca: CaMaterial,
  wanted: MemberCertificate,
  clock: Clock,
  random: Random,
): IssuedCertificate {
  const publicKey = forge.pki.publicKeyFromPem(wanted.publicKeyPem);
  checkRsaKey(publicKey);
  assert(wanted.hosts.length > 0, 'a federation certificate names at least one host');
  const issuer = forge.pki.certificateFromPem(ca.certificatePem);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = randomSerial(random);
  setValidity(certificate, clock, MEMBER_DAYS);
  certificate.setSubject(distinguishedName(wanted.fed, wanted.member));
  certificate.setIssuer(issuer.subject.attributes);
  const uri: SubjectAltName = { type: 6, value: memberUri(wanted.fed, wanted.member) };
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true, serverAuth: true },
    { name: 'subjectAltName', altNames: [uri, ...hostNames(wanted.hosts)] },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(ca.privateKeyPem), forge.md.sha256.create());
  return describe(certificate);
}

function setValidity(certificate: forge.pki.Certificate, clock: Clock, days: number): void {
  certificate.validity.notBefore = new Date(clock.now() - BACKDATE_MS);
  certificate.validity.notAfter = new Date(clock.now() + days * DAY_MS);
}

/**
 * NameConstraints ::= SEQUENCE { permittedSubtrees [0] }, each subtree a DNS name or an IP address with mask.
 */
function nameConstraints(hosts: readonly string[]): forge.asn1.Asn1 {
  const { asn1 } = forge;
  const subtrees = hostNames(hosts).map((host) => {
    const octets = host.ip === undefined ? (host.value ?? '') : addressAndMask(host.ip);
    const base = asn1.create(asn1.Class.CONTEXT_SPECIFIC, host.type, false, octets);
    return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [base]);
  });
  const permitted = asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, subtrees);
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [permitted]);
}

/** One exact address: the mask is all ones. */
function addressAndMask(ip: string): string {
  assert(isIPv4(ip), 'name constraints know IPv4 addresses only');
  const bytes = ip.split('.').map((byte) => String.fromCharCode(Number(byte)));
  return bytes.join('') + '\u00ff'.repeat(bytes.length);
}
