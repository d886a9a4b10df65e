import { createHash } from 'node:crypto';

/**
 * The signature that the native system asks for: MD5, in capitals, of `k=v&` for each field in the order of
 * the names, and the shared key behind it.
 *
 * It is weak, and this file is the only place that knows it. MD5 with the key at the end falls to anybody who
 * finds two requests with one digest, and the system itself can sign as we do, so a signature proves to
 * nobody else who asked. Nothing of the exchange rests on it: what we may ask is decided by the gate, and
 * whose answer it is by TLS. The native system merely refuses us without it.
 */
export function weakSignature(fields: Readonly<Record<string, string>>, key: string): string {
  const names = Object.keys(fields).sort();
  const text = names.map((name) => `${name}=${fields[name] ?? ''}&`).join('');
  return createHash('md5')
    .update(text + key, 'utf8')
    .digest('hex')
    .toUpperCase();
}
