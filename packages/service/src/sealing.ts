import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';

import { assert } from '@causeway/kernel';
import type { Random } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol/errors';

const version = 1;
const plainVersion = 2;
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16];
const wrappedBytes = nonceBytes + keyBytes + tagBytes;

/**
 * Encrypts a stored payload with a data key of its own, which the node's key wraps (AES-256-GCM both). `aad`
 * names the row it belongs to, so that a sealed payload cannot be moved to another row. Layout: version,
 * wrapped key, payload.
 */
export function seal(key: Uint8Array, plaintext: Uint8Array, aad: string, random: Random): Buffer {
  const dataKey = random.bytes(keyBytes);
  return Buffer.concat([
    Uint8Array.of(version),
    encrypt(key, dataKey, `key:${aad}`, random),
    encrypt(dataKey, plaintext, aad, random),
  ]);
}

/** The payload of `seal`. @throws CausewayError internal: wrong key, wrong row, or changed bytes */
export function open(key: Uint8Array, sealed: Uint8Array, aad: string): Buffer {
  if (sealed[0] !== version || sealed.length < 1 + wrappedBytes + nonceBytes + tagBytes) throw broken();
  const dataKey = decrypt(key, sealed.subarray(1, 1 + wrappedBytes), `key:${aad}`);
  return decrypt(dataKey, sealed.subarray(1 + wrappedBytes), aad);
}

/**
 * Encrypts a payload under `key` itself, for a key that belongs to one thing alone, as an inquiry's data key
 * does: destroying it erases all that was sealed under it. Layout: version, payload.
 */
export function sealUnder(key: Uint8Array, plaintext: Uint8Array, aad: string, random: Random): Buffer {
  return Buffer.concat([Uint8Array.of(plainVersion), encrypt(key, plaintext, aad, random)]);
}

/** The payload of `sealUnder`. @throws CausewayError internal: wrong key, wrong place, or changed bytes */
export function openUnder(key: Uint8Array, sealed: Uint8Array, aad: string): Buffer {
  if (sealed[0] !== plainVersion || sealed.length < 1 + nonceBytes + tagBytes) throw broken();
  return decrypt(key, sealed.subarray(1), aad);
}

/**
 * Key objects, because Node finds out by an exception that bytes are none: half of the cost of a small box.
 */
function encrypt(key: Uint8Array, plaintext: Uint8Array, aad: string, random: Random): Buffer {
  assert(key.length === keyBytes, 'a sealing key has 32 bytes');
  const nonce = random.bytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce);
  cipher.setAAD(Buffer.from(aad));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, box: Uint8Array, aad: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), box.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(box.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(box.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new CausewayError('internal', { internal: 'a sealed payload does not open', cause });
  }
}

function broken(): CausewayError {
  return new CausewayError('internal', { internal: 'a sealed payload has another layout' });
}
