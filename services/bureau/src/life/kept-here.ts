import type { KeptHere } from '@causeway/member';
import { keptSince, type KeptKind } from '@causeway/policy';
import { sql } from 'kysely';

import type { BureauTables } from '../tables.ts';

/**
 * What a bureau has of a subject, by the kind for which policy has a time: records with what is left of them,
 * or that a native system has some; who was answered; disputes; the passkeys that prove consents.
 */
export const keptHere: KeptHere<BureauTables> = async (trx, { ref }, fromMs) => {
  const { rows } = await sql<{ kind: KeptKind }>`
    SELECT 'adverse_information' AS kind WHERE EXISTS (SELECT FROM record WHERE subject_ref = ${ref})
      OR EXISTS (SELECT FROM record_version WHERE subject_ref = ${ref})
      OR EXISTS (SELECT FROM tombstone WHERE subject_ref = ${ref})
      OR EXISTS (SELECT FROM roster WHERE subject_ref = ${ref})
    UNION ALL SELECT 'accesses' WHERE EXISTS (SELECT FROM answer WHERE subject_ref = ${ref})
    UNION ALL SELECT 'disputes' WHERE EXISTS (SELECT FROM dispute WHERE subject_ref = ${ref})
    UNION ALL SELECT 'consents' WHERE EXISTS (SELECT FROM enrolment_pin WHERE subject_ref = ${ref})
  `.execute(trx);
  return keptSince(
    fromMs,
    rows.map(({ kind }) => kind),
  );
};
