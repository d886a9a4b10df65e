import { systemClock, systemRandom, seconds, uuidv7 } from '@causeway/kernel';
import { json, send } from '@causeway/sdk';
import { GeneralSign, calculateJwkThumbprint, importJWK } from 'jose';
import type { Ceremony } from './ceremony.ts';

/** What two officers decide, before it has an id and a date. */
export type OfficerAct =
  | { act: 'admit'; application: string; digest: string }
  | { act: 'suspend' | 'reinstate'; member: string }
  | { act: 'revoke_key' | 'retire_key'; member: string; kid: string }
  | { act: 'add_key'; member: string; jwk: unknown; use: string[] };

/** Has every officer of the sandbox sign an act and sends it to the authority. */
export async function enact(authorityUrl: string, ceremony: Ceremony, act: OfficerAct): Promise<void> {
  const jti = uuidv7(systemClock, systemRandom);
  const payload = JSON.stringify({ ...act, fed: ceremony.fed, iat: seconds(systemClock), jti });
  const path = act.act === 'admit' ? '/v1/members' : `/v1/members/${act.member}/acts`;
  const body = JSON.stringify({ act: await signedByAll(ceremony, payload) });
  const headers = { 'content-type': 'application/json' };
  json(await send({ method: 'POST', url: `${authorityUrl}${path}`, headers, body }));
}

async function signedByAll({ officers }: Ceremony, payload: string) {
  const general = new GeneralSign(new TextEncoder().encode(payload));
  for (const { key } of officers) {
    const { kty, crv, x } = key;
    const kid = await calculateJwkThumbprint({ kty, crv, x });
    const header = { typ: 'causeway-act+jws', alg: 'Ed25519', kid };
    general.addSignature(await importJWK({ ...key }, 'Ed25519')).setProtectedHeader(header);
  }
  return general.sign();
}
