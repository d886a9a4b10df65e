import { CausewayError } from '@causeway/protocol';

const member = /^sha-256=:([A-Za-z0-9+/]{43}=):$/u;

/**
 * The SHA-256 of a body as its Content-Digest header states it (RFC 9530); members of other algorithms are
 * passed over.
 * @throws CausewayError `digest_mismatch` where there is none or more than one
 */
export function readContentDigest(header: string | string[] | undefined): Buffer {
  const members = (typeof header === 'string' ? header : '').split(',').map((part) => part.trim());
  const found = members.flatMap((part) => member.exec(part)?.[1] ?? []);
  const [first, ...more] = found;
  if (first === undefined || more.length > 0) {
    throw new CausewayError('digest_mismatch', {
      detail: 'Send one Content-Digest: sha-256=:<base64>: of the body.',
    });
  }
  return Buffer.from(first, 'base64');
}
