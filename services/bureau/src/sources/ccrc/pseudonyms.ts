import { createHmac } from 'node:crypto';

/** References to what must not be named: one for each text, and no way back without the key. */
export interface Pseudonyms {
  of(text: string): string;
}

/** @param key 32 bytes, base64url */
export function pseudonymsUnder(key: string): Pseudonyms {
  const secret = Buffer.from(key, 'base64url');
  return {
    of: (text) => `p-${createHmac('sha256', secret).update(text, 'utf8').digest('base64url').slice(0, 22)}`,
  };
}
