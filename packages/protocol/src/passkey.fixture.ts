import {
  createECDH,
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  sign as signBytes,
  type KeyObject,
} from 'node:crypto';
import { encodeBase64url } from './base64url.ts';
import { sha256Digest, type Digest } from './digest.ts';
import type { PasskeyAssertion, PasskeyParty } from './passkey-assertion.ts';
import type { PasskeyJwk } from './passkey-key.ts';

/** Whom the passkeys of these tests sign for. */
export const party: PasskeyParty = { rp_id: 'portal.example', origins: ['https://portal.example'] };

/** What one assertion says otherwise. */
export interface AssertionChange {
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly rpId?: string;
  readonly flags?: number;
  /** Behind the counter. */
  readonly extensions?: Uint8Array;
}

/** An authenticator in software, with one passkey. */
export interface SoftPasskey {
  readonly credential_id: string;
  readonly public_key: PasskeyJwk;
  /** What it answers when the person agrees. */
  readonly assert: (challenge: Digest, change?: AssertionChange) => PasskeyAssertion;
}

/** Of a P-256 key that is always the same for a name. */
export function softPasskey(name: string): SoftPasskey {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(createHash('sha256').update(`passkey of ${name}`).digest());
  const [x, y] = [ecdh.getPublicKey().subarray(1, 33), ecdh.getPublicKey().subarray(33)].map(encodeBase64url);
  const jwk = { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' } as const;
  const d = encodeBase64url(ecdh.getPrivateKey());
  return passkeyOf(name, jwk, createPrivateKey({ key: { ...jwk, d }, format: 'jwk' }));
}

/** Of a new key of this kind. */
export function newPasskey(kind: 'P-256' | 'Ed25519' | 'RSA'): SoftPasskey {
  const { privateKey, publicKey } =
    kind === 'P-256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : kind === 'RSA'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ed25519');
  return passkeyOf(kind, publicKey.export({ format: 'jwk' }) as PasskeyJwk, privateKey);
}

function passkeyOf(name: string, public_key: PasskeyJwk, key: KeyObject): SoftPasskey {
  const credential_id = sha256Digest(`credential of ${name} ${JSON.stringify(public_key)}`).slice(8);
  return {
    ...{ credential_id, public_key },
    assert: (challenge, { clientData, extensions = new Uint8Array(), flags = 0x05, rpId } = {}) => {
      const said = { type: 'webauthn.get', challenge: challenge.slice(8), origin: party.origins[0] };
      const client = Buffer.from(JSON.stringify({ ...said, crossOrigin: false, ...clientData }));
      const rpHash = createHash('sha256')
        .update(rpId ?? party.rp_id)
        .digest();
      const data = Buffer.concat([rpHash, Buffer.of(flags, 0, 0, 0, 1), extensions]);
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      return {
        credential_id,
        client_data: encodeBase64url(client),
        authenticator_data: encodeBase64url(data),
        signature: encodeBase64url(
          signBytes(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', signed, key),
        ),
      };
    },
  };
}
