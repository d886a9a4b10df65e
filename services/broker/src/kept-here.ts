import type { KeptHere } from '@causeway/member';
import { keptSince } from '@causeway/policy';
import { sql } from 'kysely';

import type { BrokerTables } from './tables.ts';

/** A broker keeps who has asked about a subject, found by the life that the inquiries are sealed under. */
export const keptHere: KeptHere<BrokerTables> = async (trx, { subject }, fromMs) => {
  const { rows } = await sql`
    SELECT FROM inquiry JOIN subject_life USING (life)
    WHERE subject_life.subject = ${subject} LIMIT 1`.execute(trx);
  return keptSince(fromMs, rows.length === 0 ? [] : ['accesses']);
};
