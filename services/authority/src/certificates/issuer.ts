import { fileURLToPath } from 'node:url';
import { exact, memberIdSchema } from '@causeway/protocol/claim-types';
import { type Static, Type } from 'typebox';
import { type ChildOptions, startChild } from '../processes/child.ts';
import { readMessage } from '../processes/serve.ts';
import type { IssuedCertificate } from './certificate.ts';

export const issuerConfiguration = exact({
  keyFile: Type.String(),
  caFile: Type.String(),
  fed: Type.String(),
});

/** Whose certificate to issue: the key comes from the request, everything else from the admission. */
export const issuerOrder = exact({
  member: memberIdSchema,
  csr: Type.String(),
  hosts: Type.Array(Type.String()),
});

const issued = exact({
  pem: Type.String(),
  thumbprint: Type.String(),
  serial: Type.String(),
  notAfterMs: Type.Integer(),
});

/** The HTTP process's hold on the certificate issuer, the only process that holds the CA key. */
export interface CertificateIssuer {
  /** @throws CausewayError as `readSigningRequest`, `unavailable` */
  issue(order: Static<typeof issuerOrder>): Promise<IssuedCertificate>;
  alive(): boolean;
  stop(): void;
}

export async function startCertificateIssuer(
  configuration: Static<typeof issuerConfiguration>,
  options: Pick<ChildOptions, 'log'>,
): Promise<CertificateIssuer> {
  const script = fileURLToPath(new URL('../certificate-issuer.ts', import.meta.url));
  const child = await startChild({
    name: 'certificate-issuer',
    script,
    configure: configuration,
    log: options.log,
  });
  return {
    issue: async (order) => readMessage(issued, await child.ask(order)),
    alive: () => child.alive(),
    stop: () => child.stop(),
  };
}
