import { createHash, createHmac } from 'node:crypto';

/** One request to be signed: every header is signed, and the body. */
export interface Tc3Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** The product, as the scope names it: 'af'. */
  readonly service: string;
  /** X-TC-Timestamp, seconds since the epoch. */
  readonly seconds: number;
  readonly secretId: string;
  readonly secretKey: string;
}

const algorithm = 'TC3-HMAC-SHA256';

/**
 * The Authorization header of a POST to `/` by the public signature method v3: HMAC-SHA256 over the digest of
 * the canonical request, with a key derived for the day (in UTC), the product and `tc3_request`.
 */
export function tc3Authorization(request: Tc3Request): string {
  const { body, headers, secretId, secretKey, seconds, service } = request;
  const lines = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().toLowerCase()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const signed = lines.map(([name]) => name).join(';');
  const written = lines.map(([name, value]) => `${name}:${value}\n`).join('');
  const canonical = ['POST', '/', '', written, signed, sha256(body)].join('\n');
  const day = new Date(seconds * 1000).toISOString().slice(0, 10);
  const scope = `${day}/${service}/tc3_request`;
  const text = [algorithm, seconds, scope, sha256(canonical)].join('\n');
  const key = [day, service, 'tc3_request'].reduce<string | Buffer>(hmac, `TC3${secretKey}`);
  const signature = hmac(key, text).toString('hex');
  return `${algorithm} Credential=${secretId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
