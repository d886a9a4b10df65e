import type { Clock } from '@causeway/kernel';
import { systemRandom } from '@causeway/kernel';
import { type Database, SubjectKeys } from '@causeway/service';

import { buryAlone } from './bury-subject.ts';

/** Subject keys in a test's own database, which has the tables of the key store too. */
export function keysIn<DB>({ db, pool }: Database<DB>, clock: Clock, sealing: Uint8Array): SubjectKeys {
  const parts = { store: pool, rows: pool, sealing, clock, random: systemRandom };
  return new SubjectKeys({ ...parts, bury: async (dead) => await buryAlone(db, dead) });
}
