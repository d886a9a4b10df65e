import { readFileSync } from 'node:fs';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { issueCertificate } from './certificates/certificate-authority.ts';
import { issuerConfiguration, issuerOrder } from './certificates/issuer.ts';
import { readSigningRequest } from './certificates/signing-request.ts';
import { readMessage, serveParent } from './processes/serve.ts';

/**
 * The process that holds the CA key, and no other does. It checks each request again, and a certificate
 * counts only once its thumbprint stands in the signed directory, which takes two officers.
 */
serveParent(issuerConfiguration, async ({ keyFile, caFile, fed }) => {
  const ca = { privateKeyPem: readFileSync(keyFile, 'utf8'), certificatePem: readFileSync(caFile, 'utf8') };
  return async (ask) => {
    const { member, csr, hosts } = readMessage(issuerOrder, ask);
    const publicKeyPem = readSigningRequest(csr);
    return issueCertificate(ca, { fed, member, publicKeyPem, hosts }, systemClock, systemRandom);
  };
});
