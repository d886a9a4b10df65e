import { CausewayError, type PasskeyParty } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';

/**
 * For whom passkeys sign here, as the directory tells every verifier.
 * @throws CausewayError conflict: this consumer service has none
 */
export function partyOf({ directory, key }: Pick<Consumer, 'directory' | 'key'>): PasskeyParty {
  const party = directory().member(key.member)?.passkeys;
  if (party !== undefined) return party;
  throw new CausewayError('conflict', { detail: 'The directory lists no passkeys for this service.' });
}

/** What a browser is given for `navigator.credentials.get`, in its JSON form (WebAuthn, section 5.1.10). */
export function assertionOptions(party: PasskeyParty, challenge: string, credentialIds: readonly string[]) {
  return {
    challenge: challenge.slice('sha-256:'.length),
    rpId: party.rp_id,
    allowCredentials: credentialIds.map((id) => ({ type: 'public-key' as const, id })),
    userVerification: 'required' as const,
    timeout: 120_000,
  };
}
