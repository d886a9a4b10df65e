import { createCipheriv, createDecipheriv } from 'node:crypto';

/**
 * The gateway's own cipher: AES-128-CBC with an initial vector of zeros, so that equal beginnings look equal.
 * It is used because the other side demands it; what protects a call is TLS.
 */
const zeroVector = Buffer.alloc(16);

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/u;

/** The bytes of standard base64. @throws RangeError where it is anything else */
export function strictBase64(text: string): Buffer {
  if (text === '' || !base64.test(text)) throw new RangeError('not base64');
  return Buffer.from(text, 'base64');
}

export function encryptContent(content: Uint8Array, key: Uint8Array): string {
  const cipher = createCipheriv('aes-128-cbc', key, zeroVector);
  return Buffer.concat([cipher.update(content), cipher.final()]).toString('base64');
}

/** @throws RangeError where it is not base64, or not of this key */
export function decryptContent(text: string, key: Uint8Array): Buffer {
  const bytes = strictBase64(text);
  try {
    const decipher = createDecipheriv('aes-128-cbc', key, zeroVector);
    return Buffer.concat([decipher.update(bytes), decipher.final()]);
  } catch {
    throw new RangeError('not encrypted with this key');
  }
}
