import { type Kysely, sql } from 'kysely';
import type { Digest } from '@causeway/protocol';
import type { ConsumerTables } from '../tables.ts';

/** What became of a consent or of all access. */
type Change =
  | ('given' | 'paused' | 'resumed' | 'withdrawn' | 'used_up' | 'expired' | 'reminder')
  | ('frozen' | 'restricted' | 'thawed' | 'opened' | 'closed');

/** One change with the statement that proves it, by digest. */
export interface ReceiptRow {
  readonly id: string;
  readonly at_ms: number;
  readonly change: Change;
  readonly subject_ref: string;
  /** Of a consent or of a stop. */
  readonly digest: Digest;
  /** Of a stop only. */
  readonly sequence: number | null;
  /** The consent, or null where the freeze of everything is meant. */
  readonly consent: string | null;
  readonly freeze_id: string | null;
  readonly lender: string | null;
  readonly purposes: string[] | null;
  /** Under which somebody has done it for the subject. */
  readonly mandate: Digest | null;
  /** Of a consent: to a query, or to provide. */
  readonly kind: 'query' | 'provide' | null;
}

/**
 * Every change of the subject with these references. Nothing is kept for them: what was given lies in the
 * consent, what was stopped in the stop, and what ended by itself ended as the consent says.
 */
const changes = (refs: readonly string[]) => sql<ReceiptRow>`
  WITH mine AS MATERIALIZED (SELECT * FROM consent WHERE subject_ref = ANY (${[...refs]}::text[]))
  SELECT 'given.' || substr(digest, 9) AS id, coalesce(given_ms, valid_from_ms) AS at_ms, 'given' AS change,
    subject_ref, digest,
    NULL::integer AS sequence, id AS consent, NULL::uuid AS freeze_id, lender, purposes, mandate,
    kind FROM mine
  UNION ALL
  SELECT 'stop.' || substr(stop.digest, 9), stop.at_ms,
    CASE stop.action WHEN 'revoke' THEN 'withdrawn' WHEN 'pause' THEN 'paused' WHEN 'resume' THEN 'resumed'
      WHEN 'freeze' THEN CASE WHEN stop.restricts THEN 'restricted' ELSE 'frozen' END
      WHEN 'thaw' THEN 'thawed' WHEN 'open' THEN 'opened' ELSE 'closed' END,
    stop.subject_ref, stop.digest, stop.sequence, mine.id, coalesce(stop.freeze_id, opened.freeze_id),
    coalesce(mine.lender, opened.lender), mine.purposes, stop.mandate, mine.kind
  FROM stop LEFT JOIN mine ON mine.digest = stop.consent
  LEFT JOIN LATERAL (SELECT freeze_id, lender FROM freeze_window AS one
    WHERE one.subject_ref = stop.subject_ref AND one.id = stop.window_id) AS opened ON true
  WHERE stop.subject_ref = ANY (${[...refs]}::text[])
  UNION ALL
  SELECT notice.kind || '-' || notice.number || '.' || mine.id, notice.at_ms, notice.kind, mine.subject_ref,
    mine.digest, NULL, mine.id, NULL, mine.lender, mine.purposes, NULL,
    mine.kind
  FROM consent_notice AS notice
  JOIN mine ON mine.subject_ref = notice.subject_ref AND mine.id = notice.consent
  WHERE notice.subject_ref = ANY (${[...refs]}::text[])
  UNION ALL
  SELECT 'used_up-1.' || mine.id,
    (SELECT at_ms FROM consent_use AS spent WHERE spent.subject_ref = mine.subject_ref
      AND spent.consent = mine.digest ORDER BY use DESC LIMIT 1), 'used_up', mine.subject_ref, mine.digest,
    NULL, mine.id, NULL, mine.lender, mine.purposes, NULL, mine.kind
  FROM mine WHERE mine.uses >= mine.max_uses`;

/** The receipt with this id; undefined for an absent one and for another subject's. */
export async function findReceipt(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  id: string,
): Promise<ReceiptRow | undefined> {
  const { rows } = await sql<ReceiptRow>`
    SELECT * FROM (${changes(refs)}) AS change WHERE id = ${id}`.execute(db);
  return rows[0];
}

/** The subject's changes, newest first, older than `before`. */
export async function receiptsOf(
  db: Kysely<ConsumerTables>,
  refs: readonly string[],
  before: ReceiptRow | undefined,
  limit: number,
): Promise<ReceiptRow[]> {
  const older = before === undefined ? sql`true` : sql`(at_ms, id) < (${before.at_ms}, ${before.id})`;
  const { rows } = await sql<ReceiptRow>`
    SELECT * FROM (${changes(refs)}) AS change WHERE ${older}
    ORDER BY at_ms DESC, id DESC LIMIT ${limit}`.execute(db);
  return rows;
}
