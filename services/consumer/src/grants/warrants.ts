import {
  CausewayError,
  sha256Digest,
  signedActSchema,
  verifyWarrant,
  type Digest,
  type DirectoryView,
  type Inquiry,
  type SignedAct,
  type SoundWarrant,
} from '@causeway/protocol';
import type { FederationClient } from '@causeway/service';
import type { Consumer } from '../consumer.ts';

/** Finds the warrant with a digest at the authority that asks; undefined where there is none. */
export type WarrantSource = (authority: string, digest: Digest) => Promise<SignedAct | undefined>;

const timeoutMs = 3000;
const keptMax = 256;

/** Asks an authority's federation listener. What has been found is kept: it is named by its digest. */
export function warrantsOfAuthority(federation: Pick<FederationClient, 'call'>): WarrantSource {
  const kept = new Map<Digest, SignedAct>();
  return async (authority, digest) => {
    const known = kept.get(digest);
    if (known !== undefined) return known;
    try {
      const path = `/v1/warrants/${encodeURIComponent(digest)}`;
      const found = await federation.call({
        ...{ member: authority, method: 'GET', path, schema: signedActSchema, timeoutMs },
      });
      if (sha256Digest(found.payload) !== digest) return undefined;
      if (kept.size >= keptMax) kept.clear();
      kept.set(digest, found);
      return found;
    } catch (error) {
      if (error instanceof CausewayError && error.code === 'not_found') return undefined;
      throw error;
    }
  };
}

/**
 * The warrant that an authority's inquiry cites, its officers' signatures checked here under the keys that
 * the directory lists. Undefined for any other inquiry, for a warrant that does not exist and for one that
 * is not sound: none of them authorises anything. Throws `unavailable` where the authority does not answer.
 */
export async function soundWarrant(
  consumer: Consumer,
  view: DirectoryView,
  { basis, iss }: Inquiry,
): Promise<SoundWarrant | undefined> {
  const authority = view.member(iss);
  if (basis === undefined || !authority?.roles.includes('authority')) return undefined;
  const signed = await consumer.warrants(iss, basis.cited);
  if (signed === undefined) return undefined;
  try {
    return verifyWarrant(signed, { fed: consumer.fed, authority });
  } catch (err) {
    if (!(err instanceof CausewayError)) throw err;
    consumer.log.warn({ event: 'warrant_unsound', code: err.code });
    return undefined;
  }
}
