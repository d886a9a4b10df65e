import type { Digest, Grant, Verified } from '@causeway/protocol';
import { type Kysely, type Selectable, type Transaction, sql } from 'kysely';

import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { BrokerTables, BureauState, InquiryBureauTable } from '../tables.ts';

type Db = Kysely<BrokerTables>;
type Trx = Transaction<BrokerTables>;

export type BureauRow = Selectable<InquiryBureauTable>;

export const openStates: readonly BureauState[] = ['waiting', 'asking'];

export async function bureauRows(db: Db, inquiry: string): Promise<BureauRow[]> {
  return await db
    .selectFrom('inquiry_bureau')
    .where('inquiry', '=', inquiry)
    .select(['inquiry', 'bureau', 'state', 'attempt', 'next_at_ms', 'seq', 'code'])
    .orderBy('bureau')
    .execute();
}

interface Started {
  readonly use: number;
  readonly consent: Buffer | null;
  /** In scope, each with a row that is held for its first attempt until `leaseUntilMs`. */
  readonly bureaus: readonly string[];
  readonly leaseUntilMs: number;
  /** The grants about to be presented, and the broker's own. */
  readonly boxes: readonly { bureau: string; digest: Digest; box: Buffer }[];
}

/**
 * Accepted becomes running, once, with one row per bureau in scope, which is the truth about the fan-out from
 * here on: one statement, all or nothing. False where another worker was first.
 */
export async function markStarted(db: Db, inquiry: string, started: Started): Promise<boolean> {
  const { boxes, bureaus, consent, leaseUntilMs, use } = started;
  const column = <K extends keyof Started['boxes'][number]>(name: K) => boxes.map((box) => box[name]);
  const { rows } = await sql<{ inquiry: string }>`
    WITH started AS (
      UPDATE inquiry SET state = 'running', use = ${use}, consent = ${consent}, seq = seq + 1
      WHERE inquiry = ${inquiry} AND state = 'accepted'
      RETURNING inquiry
    ), asked AS (
      INSERT INTO inquiry_bureau (inquiry, bureau, state, attempt, next_at_ms, seq)
      SELECT inquiry, bureau, 'asking', 1, ${leaseUntilMs}::bigint, 2
      FROM started, unnest(${[...bureaus]}::text[]) AS bureau
    ), presented AS (
      INSERT INTO inquiry_grant (inquiry, bureau, digest, grant_jws)
      SELECT inquiry, bureau, digest, box FROM started,
        unnest(${column('bureau')}::text[], ${column('digest')}::text[], ${column('box')}::bytea[])
          AS boxes (bureau, digest, box)
    )
    SELECT inquiry FROM started
  `.execute(db);
  return rows.length === 1;
}

/** The bureaus whose row is due: waiting, or asked by a worker that has not been heard of since its lease. */
export async function dueBureaus(db: Db, inquiry: string, nowMs: number): Promise<string[]> {
  const rows = await db
    .selectFrom('inquiry_bureau')
    .where('inquiry', '=', inquiry)
    .where('state', 'in', openStates)
    .where('next_at_ms', '<=', nowMs)
    .select('bureau')
    .execute();
  return rows.map((row) => row.bureau);
}

/**
 * Takes due rows for one attempt and raises their fencing number: who held them before can no longer write.
 */
export async function claimBureaus(
  trx: Trx,
  inquiry: string,
  bureaus: readonly string[],
  times: { nowMs: number; leaseUntilMs: number },
): Promise<{ bureau: string; attempt: number }[]> {
  if (bureaus.length === 0) return [];
  return await trx
    .updateTable('inquiry_bureau')
    .set((eb) => ({ state: 'asking', attempt: eb('attempt', '+', 1), next_at_ms: times.leaseUntilMs }))
    .where('inquiry', '=', inquiry)
    .where('bureau', 'in', bureaus)
    .where('state', 'in', openStates)
    .where('next_at_ms', '<=', times.nowMs)
    .returning(['bureau', 'attempt'])
    .execute();
}

/** A grant, sealed for its row. */
export function grantBox({ seal }: OpenInquiry, { claims, digest, jws }: Verified<Grant>) {
  return { bureau: claims.aud, digest, box: seal.seal(`grant/${claims.aud}`, jws) };
}

/** Remembers the grants about to be presented. */
export async function insertGrants(
  trx: Trx,
  inquiry: string,
  grants: readonly { bureau: string; digest: Digest; box: Buffer }[],
) {
  if (grants.length === 0) return;
  await trx
    .insertInto('inquiry_grant')
    .values(grants.map(({ bureau, digest, box }) => ({ inquiry, bureau, digest, grant_jws: box })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** A grant presented earlier, by its digest. */
export async function findGrant(db: Db, inquiry: string, bureau: string, digest: Digest) {
  const row = await db
    .selectFrom('inquiry_grant')
    .where('inquiry', '=', inquiry)
    .where('bureau', '=', bureau)
    .where('digest', '=', digest)
    .select('grant_jws')
    .executeTakeFirst();
  return row?.grant_jws;
}
