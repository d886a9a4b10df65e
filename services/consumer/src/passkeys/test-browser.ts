import { createHash } from 'node:crypto';
import { decodeBase64url, encodeBase64url } from '@causeway/protocol';
import { party, type SoftPasskey } from '@causeway/protocol/passkey.fixture';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { World } from '../test-world.ts';
import { enrol } from './enrol.ts';
import { beginRegistration, completeRegistration } from './register.ts';

/** What a credential says otherwise when it is made. */
export interface MadeChange {
  readonly challenge?: string;
  readonly origin?: string;
  readonly type?: string;
  readonly rpId?: string;
  readonly flags?: number;
}

/** What a browser sends of a new credential, with no attestation, as portals ask for it. */
export function madeCredential(passkey: SoftPasskey, challenge: string, change: MadeChange = {}) {
  const { flags = 0x45, rpId = party.rp_id, ...said } = change;
  const id = Buffer.from(decodeBase64url(passkey.credential_id));
  const client = { type: 'webauthn.create', challenge, origin: party.origins[0], ...said };
  const rpHash = createHash('sha256').update(rpId).digest();
  const length = Buffer.of(id.length >> 8, id.length & 0xff);
  const head = [rpHash, Buffer.of(flags, 0, 0, 0, 0), Buffer.alloc(16), length, id];
  const authData = new Uint8Array(Buffer.concat([...head, coseOf(passkey)]));
  const attestation = isoCBOR.encode(
    new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ]) as unknown as Parameters<typeof isoCBOR.encode>[0],
  );
  return {
    credential_id: passkey.credential_id,
    client_data: encodeBase64url(Buffer.from(JSON.stringify(client))),
    attestation: encodeBase64url(attestation),
  };
}

function coseOf({ public_key: jwk }: SoftPasskey): Uint8Array {
  const bytes = (text: string) => new Uint8Array(decodeBase64url(text));
  const entries: [number, number | Uint8Array][] =
    jwk.kty === 'EC'
      ? [
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, bytes(jwk.x)],
          [-3, bytes(jwk.y)],
        ]
      : jwk.kty === 'OKP'
        ? [
            [1, 1],
            [3, -8],
            [-1, 6],
            [-2, bytes(jwk.x)],
          ]
        : [
            [1, 3],
            [3, -257],
            [-1, bytes(jwk.n)],
            [-2, bytes(jwk.e)],
          ];
  return isoCBOR.encode(new Map(entries));
}

/** A credential that was made under a session of this subject; what its owner signs in for. */
export async function registered(world: World, subjectRef: string, passkey: SoftPasskey) {
  const { id, options } = await beginRegistration(world.consumer, subjectRef);
  const made = madeCredential(passkey, options.challenge);
  return await completeRegistration(world.consumer, subjectRef, { id, ...made });
}

/** A passkey of a person, from the click to the sign-in that binds it. */
export async function enrolled(
  world: World,
  { identity, ref }: { identity: object; ref: string },
  passkey: SoftPasskey,
) {
  const { content, id } = await registered(world, ref, passkey);
  return await enrol(world.consumer, id, await world.idToken({ identity, nonce: `enrol:${content}` }));
}
