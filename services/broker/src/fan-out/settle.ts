import type { Digest, Disclosure, ErrorCode, Verified } from '@causeway/protocol';
import { type Kysely, sql } from 'kysely';

import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { BrokerTables, BureauState } from '../tables.ts';
import type { Answer } from './ask-bureau.ts';

type Db = Kysely<BrokerTables>;

/** The attempt that writes: only while it still holds its row. */
interface Held {
  readonly inquiry: string;
  readonly bureau: string;
  readonly attempt: number;
}

/** A disclosure as it is kept. `under` is the directory by which it was judged. */
export interface DisclosureBox {
  readonly digest: Digest;
  readonly use: number;
  readonly grant: Digest;
  readonly under: Digest;
  readonly box: Buffer;
}

/** A bureau's final answer, as it is kept. */
interface Final {
  readonly state: BureauState;
  readonly code: ErrorCode | null;
  readonly nowMs: number;
  readonly disclosure?: DisclosureBox;
}

/** The state that a final answer brings a bureau's row to, and the code that stays beside it. */
export function finalStateOf(answer: Exclude<Answer, { kind: 'failed' }>): Pick<Final, 'state' | 'code'> {
  if (answer.kind === 'disclosed') return { state: answer.disclosure.claims.outcome, code: null };
  return { state: answer.code === 'subject_frozen' ? 'frozen' : 'refused', code: answer.code };
}

/** A verified disclosure, sealed for its row. */
export function disclosureBox(
  { seal }: OpenInquiry,
  { claims, digest, jws }: Verified<Disclosure>,
  under: Digest,
): DisclosureBox {
  const box = seal.seal(`disclosure/${claims.iss}`, jws);
  return { digest, use: claims.use, grant: claims.grant, under, box };
}

/** Writes that an attempt failed and when the next is due, if it still holds the row. */
export async function settleForNow(
  db: Db,
  held: Held,
  to: { code: ErrorCode | null; nextAtMs: number },
): Promise<boolean> {
  const result = await db
    .updateTable('inquiry_bureau')
    .set({ state: 'waiting', code: to.code, next_at_ms: to.nextAtMs })
    .where('inquiry', '=', held.inquiry)
    .where('bureau', '=', held.bureau)
    .where('attempt', '=', held.attempt)
    .where('state', '=', 'asking')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Writes what an attempt came to: the inquiry's next event number, taken under its row lock, the bureau's row
 * and its disclosure. All of it or nothing, in one statement, because the other bureaus' answers wait for
 * that lock. False where the inquiry no longer runs or the attempt no longer holds its row.
 */
export async function settleForGood(db: Db, held: Held, to: Final): Promise<boolean> {
  const { attempt, bureau, inquiry } = held;
  const { code, disclosure, nowMs, state } = to;
  const { rows } = await sql<{ bureau: string }>`
    WITH turn AS (
      UPDATE inquiry SET seq = seq + 1
      WHERE inquiry = ${inquiry} AND state IN ('running', 'partial') RETURNING seq
    ), settled AS (
      UPDATE inquiry_bureau AS held
      SET state = ${state}, code = ${code}, next_at_ms = ${nowMs}, seq = turn.seq
      FROM turn
      WHERE held.inquiry = ${inquiry} AND held.bureau = ${bureau} AND held.attempt = ${attempt}
        AND held.state = 'asking'
      RETURNING held.bureau
    ), kept AS (
      INSERT INTO inquiry_disclosure
        (inquiry, bureau, use, digest, disclosure, grant_digest, verified_under, received_ms)
      SELECT ${inquiry}::text, bureau, ${disclosure?.use ?? null}::int, ${disclosure?.digest ?? null}::text,
        ${disclosure?.box ?? null}::bytea, ${disclosure?.grant ?? null}::text,
        ${disclosure?.under ?? null}::text, ${nowMs}::bigint
      FROM settled WHERE ${disclosure !== undefined}::boolean
    )
    SELECT bureau FROM settled
  `.execute(db);
  return rows.length === 1;
}
