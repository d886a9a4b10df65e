import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The one customer whom the played system knows. */
export interface Customer {
  readonly secretId: string;
  readonly secretKey: string;
}

const skewSecondsMax = 300;
const shape = new RegExp(
  [
    /^TC3-HMAC-SHA256 Credential=([^/]+)\/(\d{4}-\d\d-\d\d)\/(\w+)\/tc3_request, /u,
    /SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/u,
  ]
    .map(({ source }) => source)
    .join(''),
  'u',
);

/** Signatures that were good, until they are too old to be good again. */
export class SeenSignatures {
  readonly #until = new Map<string, number>();

  /** False where it was here before. */
  first(signature: string, nowSeconds: number): boolean {
    for (const [seen, until] of this.#until) if (until < nowSeconds) this.#until.delete(seen);
    if (this.#until.has(signature)) return false;
    this.#until.set(signature, nowSeconds + 2 * skewSecondsMax);
    return true;
  }
}

/** The code with which a request is refused, by the signature method v3; undefined for a good one. */
export function refusalOf(
  headers: IncomingHttpHeaders,
  body: Buffer,
  customer: Customer,
  seen: SeenSignatures,
  nowSeconds: number,
): string | undefined {
  const parts = shape.exec(headers.authorization ?? '');
  const seconds = Number(headers['x-tc-timestamp']);
  if (!parts || !Number.isSafeInteger(seconds)) return 'AuthFailure';
  const [, secretId, day = '', service = '', signed = '', signature = ''] = parts;
  if (secretId !== customer.secretId) return 'AuthFailure.SecretIdNotFound';
  if (Math.abs(nowSeconds - seconds) > skewSecondsMax) return 'AuthFailure.Expired';
  const names = signed.split(';');
  if (!['content-type', 'host'].every((name) => names.includes(name))) return 'AuthFailure';
  if (day !== new Date(seconds * 1000).toISOString().slice(0, 10) || service !== 'af') return 'AuthFailure';
  const lines = names.map((name) => `${name}:${String(headers[name]).trim().toLowerCase()}\n`);
  const canonical = `POST\n/\n\n${lines.join('')}\n${signed}\n${digest(body)}`;
  const text = `TC3-HMAC-SHA256\n${seconds}\n${day}/${service}/tc3_request\n${digest(canonical)}`;
  const key = mac(mac(mac(`TC3${customer.secretKey}`, day), service), 'tc3_request');
  if (!timingSafeEqual(mac(key, text), Buffer.from(signature, 'hex'))) return 'AuthFailure.SignatureFailure';
  return seen.first(signature, nowSeconds) ? undefined : 'LimitExceeded.ReplayAttack';
}

function mac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function digest(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
