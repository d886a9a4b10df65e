import { keptUntil, type KeptUntil } from '@causeway/policy';
import type { Kysely } from 'kysely';
import type { ConsumerTables } from '../tables.ts';
import { lastOf } from './repository.ts';

/** Until when each rule demands to keep something of this person, the longest first; there is always one. */
export async function keptOf(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  askedMs: number,
): Promise<KeptUntil[]> {
  const { accesses, consents, disputes } = await lastOf(db, refs);
  return keptUntil({
    ...(accesses === null ? {} : { accesses }),
    ...(consents === null ? {} : { consents }),
    ...(disputes === null ? {} : { disputes }),
    adverse_information: askedMs,
  });
}

/** When the keys may be destroyed. */
export const dueMsOf = (kept: readonly KeptUntil[]): number =>
  Math.max(...kept.map(({ untilMs }) => untilMs));
