import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Federation } from '../federation.ts';
import { addCertificateFile, newTlsRequest } from '../member-keys.ts';
import { addCertificate, enact } from '../officer-acts.ts';
import { logMark, logged } from './log-events.ts';

/** Calls that began on a connection of before end within this time, and the connection with them. */
const DRAIN_MS = 8000;

/**
 * Replaces the certificate of a node on the running federation: a new pair into its folder and the
 * directory; when the node presents it, the old one is removed. Returns the thumbprint of the new one.
 */
export async function rotateCertificate(federation: Federation, member: string): Promise<string> {
  const since = logMark(federation, member);
  const { directory } = federation.lender(federation.card.lenders[0] ?? '');
  const old = (await directory.view()).member(member)?.certificates ?? [];
  const suffix = await issueCertificate(federation, member);
  const digest = thumbprintIn(federation, member, suffix);
  await logged(federation, member, { event: 'certificate', digest, since });
  await wait(DRAIN_MS);
  for (const thumbprint of old) await removeCertificate(federation, member, thumbprint);
  return digest;
}

/** Has a further certificate issued and listed, and puts the pair into the node's folder. */
export async function issueCertificate(federation: Federation, member: string): Promise<string> {
  const dir = folder(federation, member);
  const { csr, suffix } = newTlsRequest(dir, member);
  const pem = await addCertificate(federation.url('authority'), federation.ceremony, { member, csr });
  addCertificateFile(dir, suffix, pem);
  return suffix;
}

/** Takes a certificate out of the directory: nobody speaks to whoever presents it any more. */
export async function removeCertificate(
  federation: Federation,
  member: string,
  thumbprint: string,
): Promise<void> {
  const act = { act: 'remove_certificate', member, thumbprint } as const;
  await enact(federation.url('authority'), federation.ceremony, act);
}

/** The thumbprint of a pair in a node's folder, as the directory lists it; '' is the first pair. */
export function thumbprintIn(federation: Federation, member: string, suffix: string): string {
  const pem = readFileSync(join(folder(federation, member), `tls-cert${suffix}.pem`), 'utf8');
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

const folder = ({ home }: Federation, member: string): string => join(home, 'keys', member);
