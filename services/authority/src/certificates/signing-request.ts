import { CausewayError } from '@causeway/protocol/errors';
import forge from 'node-forge';
import { checkRsaKey } from './rsa-strength.ts';

const PEM_CHARS_MAX = 8192;
const PEM_SHAPE =
  /^-----BEGIN CERTIFICATE REQUEST-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE REQUEST-----\s*$/u;

/** sha256, sha384 and sha512 with RSA (RFC 4055); a request signed over MD5 or SHA-1 proves nothing. */
const SIGNATURE_OIDS = new Set(['1.2.840.113549.1.1.11', '1.2.840.113549.1.1.12', '1.2.840.113549.1.1.13']);

/**
 * The public key (PEM, SPKI) of a PKCS #10 request (RFC 2986), after its proof of possession has been
 * checked. Everything else that the request asks for, its subject and its extensions, is ignored: the CA
 * decides who somebody is.
 * @throws CausewayError `application_invalid` for what is no request, `weak_key` for a key that may not be
 *   enrolled, `signature_invalid` where the request is not signed by its own key
 */
export function readSigningRequest(pem: string): string {
  const request = parse(pem);
  const key = request.publicKey;
  if (!key || !('n' in key)) throw invalid('The certificate request must hold an RSA key.');
  checkRsaKey(key);
  if (!SIGNATURE_OIDS.has(request.signatureOid))
    throw invalid('The certificate request must be signed with SHA-2.');
  if (!verifies(request)) {
    throw new CausewayError('signature_invalid', {
      detail: 'The certificate request is not signed by the key it holds.',
      pointer: '/csr',
    });
  }
  return forge.pki.publicKeyToPem(key);
}

interface SigningRequest {
  readonly publicKey: forge.pki.PublicKey | null;
  readonly signatureOid: string;
  verify(): boolean;
}

function parse(pem: string): SigningRequest {
  if (pem.length > PEM_CHARS_MAX || !PEM_SHAPE.test(pem))
    throw invalid('csr must be one PEM certificate request.');
  try {
    const request = forge.pki.certificationRequestFromPem(pem, true);
    const signatureOid: unknown = Reflect.get(request, 'signatureOid');
    return {
      publicKey: request.publicKey,
      signatureOid: String(signatureOid),
      verify: () => request.verify(),
    };
  } catch (cause) {
    throw new CausewayError('application_invalid', {
      detail: 'csr is not a certificate request with an RSA key.',
      pointer: '/csr',
      cause,
    });
  }
}

function verifies(request: SigningRequest): boolean {
  try {
    return request.verify();
  } catch {
    return false;
  }
}

function invalid(detail: string): CausewayError {
  return new CausewayError('application_invalid', { detail, pointer: '/csr' });
}
