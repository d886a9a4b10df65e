import { systemClock, systemRandom } from '@causeway/kernel';
import type { PrivateJwk } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { TokenClient } from '@causeway/sdk';

/** A token client of a member; its assertions are signed by the member's own key unless another is given. */
export function tokensOf(federation: Federation, member: string, authKey?: PrivateJwk): TokenClient {
  return new TokenClient({
    member,
    fed: federation.ceremony.fed,
    authKey: authKey ?? federation.keys(member).auth,
    authorityUrl: federation.url('authority'),
    clock: systemClock,
    random: systemRandom,
  });
}
