import { systemClock, systemRandom } from '@causeway/kernel';
import { generateKey, signingKeyFromJwk } from '@causeway/protocol';
import { Lender } from '@causeway/sdk';
import type { Federation } from '../federation.ts';
import { enact, enrolKey } from '../officer-acts.ts';
import { SANDBOX_FED } from '../plan.ts';

/**
 * A lender that signs with a key which two officers have enrolled and then revoked. The lender's own key
 * stays as it is. Nodes learn of both with their next poll of the directory.
 */
export async function revokedSigner(federation: Federation, member: string): Promise<Lender> {
  const key = generateKey();
  const { kid } = signingKeyFromJwk(member, key);
  const authorityUrl = federation.url('authority');
  await enrolKey(authorityUrl, federation.ceremony, { member, key, use: ['inquiry'] });
  await enact(authorityUrl, federation.ceremony, { act: 'revoke_key', member, kid });
  return new Lender({
    member,
    fed: SANDBOX_FED,
    authorityUrl,
    anchor: federation.card.anchor,
    statementKey: key,
    authKey: federation.keys(member).auth,
    clock: systemClock,
    random: systemRandom,
  });
}
