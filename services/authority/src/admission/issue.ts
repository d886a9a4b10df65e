import { isIP } from 'node:net';
import type { IssuedCertificate } from '../certificates/certificate.ts';
import type { AdmissionDeps } from './service.ts';

/** Issues a certificate for a member's request, for the host of its federation endpoint. */
export async function issueFor(
  { issuer }: AdmissionDeps,
  wanted: { member: string; csr: string; endpoint: string | undefined },
): Promise<IssuedCertificate> {
  const { member, csr, endpoint } = wanted;
  return await issuer.issue({ member, csr, hosts: hostsOf(endpoint) });
}

/** A loopback host goes by its name and by its address. */
function hostsOf(endpoint: string | undefined): string[] {
  const host = endpoint === undefined ? 'localhost' : new URL(endpoint).hostname;
  if (host === 'localhost' || host === '127.0.0.1') return ['localhost', '127.0.0.1'];
  return [isIP(host) ? host : host.toLowerCase()];
}
