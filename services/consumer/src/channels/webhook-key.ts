import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from 'node:crypto';

/** PKCS #8 of an Ed25519 key, up to its 32 bytes (RFC 8410, section 7). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * A channel's own key, derived from the node's secret: nothing of it is stored, and no two channels share
 * one.
 */
export function webhookKey(sealing: Uint8Array, channel: string): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', sealing, new Uint8Array(), `webhook key:${channel}`, 32));
  return createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
}

/** The public key as Standard Webhooks 1.0 writes it, for whoever verifies. */
export function publicWebhookKey(key: KeyObject): string {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return `whpk_${spki.subarray(-32).toString('base64')}`;
}

/** The headers of Standard Webhooks 1.0 for a message: what is signed is id, time (seconds) and body. */
export function webhookHeaders(
  key: KeyObject,
  message: { readonly id: string; readonly atSeconds: number; readonly body: string },
): Record<string, string> {
  const { atSeconds, body, id } = message;
  const signature = sign(null, Buffer.from(`${id}.${atSeconds}.${body}`), key).toString('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(atSeconds),
    'webhook-signature': `v1a,${signature}`,
  };
}
