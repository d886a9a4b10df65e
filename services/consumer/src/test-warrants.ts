import { uuidv7 } from '@causeway/kernel';
import {
  encodeBase64url,
  generateKey,
  sha256Digest,
  signingKeyFromJwk,
  thumbprint,
  type Digest,
  type MemberEntry,
  type PrivateJwk,
  type SignedAct,
} from '@causeway/protocol';
import { suiteOf } from '@causeway/protocol/suite';
import type { World } from './test-world.ts';

/** The officers of these tests; the directory lists the first two for warrants. */
export const officers = [generateKey(), generateKey(), generateKey()] as const;

/** The authority's entry, with the officers' keys that may sign a warrant. */
export function authorityEntry(change: Partial<MemberEntry['keys'][number]> = {}): MemberEntry {
  return {
    ...{
      v: 1,
      id: 'authority',
      legal_name: 'authority',
      roles: ['authority'],
      class: 'A',
      jurisdiction: 'CN',
    },
    ...{ status: 'active', endpoints: {}, certificates: [] },
    keys: officers.slice(0, 2).map(({ kty, crv, x }) => ({
      ...{ jwk: { kty, crv, x }, use: ['warrant' as const], from: 0, ...change },
    })),
  };
}

interface Signed {
  readonly digest: Digest;
  readonly signed: SignedAct;
}

/** A warrant of today on a subject, signed by these officers and kept by the authority. */
export function warrantOf(
  world: World,
  payload: Record<string, unknown>,
  by: readonly PrivateJwk[] = officers.slice(0, 2),
): Signed {
  const { clock, consumer, nodes } = world;
  const nowS = Math.floor(clock.now() / 1000);
  const encoded = part({
    ...{ fed: 'test', iat: nowS, jti: uuidv7(clock, consumer.random), act: 'warrant', purpose: 'JUDICIAL' },
    ...{ categories: ['ACCOUNT_SUMMARY'], bureaus: ['harbour'], paper: sha256Digest('paper') },
    ...{ valid_from: nowS, valid_until: nowS + 3600, ...payload },
  });
  const signed = { payload: encoded, signatures: by.map((key) => signatureOf(key, encoded)) };
  const digest = sha256Digest(encoded);
  nodes.warrants.set(digest, signed);
  return { digest, signed };
}

/** An act as these officers sign it. */
export function signedBy(act: object, by: readonly PrivateJwk[] = officers.slice(0, 2)): SignedAct {
  const payload = part(act);
  return { payload, signatures: by.map((key) => signatureOf(key, payload)) };
}

const part = (value: unknown): string => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));

function signatureOf(key: PrivateJwk, payload: string): SignedAct['signatures'][number] {
  const { jwk, private: secret } = signingKeyFromJwk('authority', key);
  const header = part({ typ: 'causeway-act+jws', alg: 'Ed25519', kid: thumbprint(jwk) });
  return { protected: header, signature: encodeBase64url(suiteOf(jwk).sign(secret, `${header}.${payload}`)) };
}
