import { sha256Digest } from '@causeway/protocol';

import type { WitnessMember } from './known-ledgers.ts';

/**
 * Whom a ledger asks, in this order: the authority, which is there for all, then the others by rendezvous
 * hashing over (origin, member), so that the ledgers spread over them and a change of members moves few.
 */
export function witnessOrder(origin: string, witnesses: readonly WitnessMember[]): WitnessMember[] {
  const rank = ({ member, isAuthority }: WitnessMember): string =>
    isAuthority ? '' : sha256Digest(`${origin}\n${member}`);
  const ranked = witnesses.map((witness) => ({ witness, rank: rank(witness) }));
  return ranked.toSorted((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ witness }) => witness);
}
