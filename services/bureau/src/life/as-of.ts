import { limits } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';
import { faceAt } from '@causeway/records/life/index';
import type { DisplayState, LifeRules, Mark } from '@causeway/records/life/index';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

import { overdueMaxOf } from '../store/next-version.ts';
import type { BureauTables } from '../tables.ts';

/** Which version of which record. */
interface Named {
  readonly record: string;
  readonly source_record_id: string;
  readonly version: number;
}

/** What this bureau showed of a subject at a moment in the past, all categories open. */
export interface AsOf {
  readonly known: boolean;
  /** As a disclosure at that moment held them, before the projection to what was granted. */
  readonly records: readonly CreditRecord[];
  /** Which of them were shown otherwise than they were reported, and the rule that said so. */
  readonly overridden: readonly (Named & { readonly rule: string })[];
  /** What was held and not shown. */
  readonly withheld: readonly (Named & { readonly state: DisplayState; readonly rule?: string })[];
  /** What was held then and was deleted since: its digest is all that can be told. */
  readonly erased: readonly Erased[];
}

interface Erased extends Named {
  readonly as_of: string;
  readonly digest: string;
  readonly rule: string;
  readonly valid_from_ms: number;
  readonly valid_to_ms: number;
  readonly buried_ms: number;
}

interface Row extends Named {
  readonly kind: 'person' | 'enterprise';
  readonly as_of: string;
  readonly body: string | null;
  readonly digest: string;
  readonly valid_from_ms: number;
  readonly valid_to_ms: number;
  readonly expires_ms: number | null;
  readonly delinquent_since: string | null;
  readonly behaviour: string | null;
  readonly rule: string | null;
  readonly buried_ms: number;
  readonly marks: readonly Mark[] | null;
}

/**
 * Rebuilds what was visible of a subject at a moment (ms since the epoch). Versions count from when they were
 * stored: a file is on one side of the moment with all its lines of one chunk.
 * @throws CausewayError `body_too_large` for more records than a disclosure holds
 */
export async function asOf(
  db: Kysely<BureauTables>,
  rules: LifeRules,
  subjectRef: string,
  atMs: number,
): Promise<AsOf> {
  const subject = await db
    .selectFrom('subject')
    .select('kind')
    .where('subject_ref', '=', subjectRef)
    .execute();
  const rows = await rowsAt(db, subjectRef, atMs);
  if (rows.length > limits.recordsMax) throw new CausewayError('body_too_large');
  // What was past its end was not shown, whether or not it had been deleted by then.
  const [past, living] = [rows.filter(isPast(atMs)), rows.filter((row) => !isPast(atMs)(row))];
  const faces = living.flatMap((row) => {
    if (row.body === null) return [];
    const record = JSON.parse(row.body) as CreditRecord;
    const delinquentSince = row.delinquent_since ?? undefined;
    const overdueMax = overdueMaxOf(row.behaviour);
    const held = { record, kind: row.kind, marks: row.marks ?? [], delinquentSince, overdueMax };
    return [{ row, face: faceAt(held, rules, atMs) }];
  });
  const isShown = ({ face }: (typeof faces)[number]) => face.state === 'visible' || face.state === 'marked';
  const shown = faces.filter(isShown);
  return {
    known: subject.length > 0,
    records: shown.map(({ face }) => face.record),
    overridden: shown.flatMap(({ face: { rule }, row }) =>
      rule === undefined ? [] : { ...name(row), rule },
    ),
    withheld: [
      ...faces
        .filter((each) => !isShown(each))
        .map(({ face: { rule, state }, row }) => ({ ...name(row), state, ...(rule && { rule }) })),
      ...past.filter(({ body }) => body !== null).map((row) => ({ ...name(row), state: 'expired' as const })),
    ],
    erased: living.filter(({ body }) => body === null).map(erased),
  };
}

const isPast =
  (atMs: number) =>
  ({ expires_ms }: Row): boolean =>
    expires_ms !== null && expires_ms <= atMs;

const name = ({ record, source_record_id, version }: Row): Named => ({ record, source_record_id, version });

function erased(row: Row): Erased {
  const { as_of, buried_ms, digest, rule, valid_from_ms, valid_to_ms } = row;
  return { ...name(row), as_of, digest, rule: rule ?? '', valid_from_ms, valid_to_ms, buried_ms };
}

/** One statement, one snapshot: a record that is corrected or deleted meanwhile is found in one place. */
async function rowsAt(db: Kysely<BureauTables>, ref: string, atMs: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    SELECT stood.*, subject.kind, (
      SELECT json_agg(mark.body::json ORDER BY mark.from_ms, mark.mark) FROM mark
      WHERE (mark.subject_ref, mark.record, mark.source_record_id)
          = (${ref}, stood.record, stood.source_record_id)
        AND mark.from_ms <= ${atMs} AND (mark.ended_ms IS NULL OR mark.ended_ms > ${atMs})) AS marks
    FROM subject CROSS JOIN LATERAL (
      SELECT record, source_record_id, version, as_of, body, digest, valid_from_ms,
        NULL::bigint AS valid_to_ms, expires_ms, delinquent_since, behaviour, NULL AS rule,
        NULL::bigint AS buried_ms
      FROM record WHERE record.subject_ref = ${ref} AND valid_from_ms <= ${atMs}
      UNION ALL SELECT record, source_record_id, version, as_of, body, digest, valid_from_ms, valid_to_ms,
        expires_ms, delinquent_since, behaviour, NULL, NULL
      FROM record_version WHERE subject_ref = ${ref} AND valid_from_ms <= ${atMs} AND valid_to_ms > ${atMs}
      UNION ALL SELECT record, source_record_id, version, as_of, NULL, digest, valid_from_ms, valid_to_ms,
        expires_ms, delinquent_since, NULL, rule, buried_ms
      FROM tombstone WHERE subject_ref = ${ref} AND valid_from_ms <= ${atMs} AND valid_to_ms > ${atMs}
    ) AS stood
    WHERE subject.subject_ref = ${ref}
    ORDER BY stood.record, stood.source_record_id LIMIT ${limits.recordsMax + 1}`.execute(db);
  return rows;
}
