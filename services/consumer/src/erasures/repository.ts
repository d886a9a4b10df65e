import { type Kysely, sql, type Transaction } from 'kysely';
import type { ConsumerTables, ErasureRow } from '../tables.ts';

type Db = Kysely<ConsumerTables>;
type Trx = Transaction<ConsumerTables>;

const columns = ['id', 'refs', 'freeze_id', 'asked_ms', 'due_ms', 'state'] as const;

/** What a person has asked for and not taken back. */
export async function standingErasure(db: Db, refs: readonly string[]): Promise<ErasureRow | undefined> {
  return await db
    .selectFrom('erasure')
    .select(columns)
    .where(sql<boolean>`refs && ${[...refs]}::text[]`)
    .where('state', '<>', 'withdrawn')
    .executeTakeFirst();
}

export async function insertErasure(trx: Trx, row: ErasureRow): Promise<void> {
  await trx.insertInto('erasure').values(row).execute();
}

export async function updateErasure(
  trx: Trx,
  id: string,
  to: Partial<Pick<ErasureRow, 'due_ms' | 'refs' | 'state'>>,
): Promise<void> {
  await trx.updateTable('erasure').set(to).where('id', '=', id).execute();
}

/** Erasures that were due by then and have not begun, the oldest first. */
export async function dueErasures(db: Db, byMs: number, most: number): Promise<ErasureRow[]> {
  return await db
    .selectFrom('erasure')
    .select(columns)
    .where('state', '=', 'restricted')
    .where('due_ms', '<=', byMs)
    .orderBy('due_ms')
    .limit(most)
    .execute();
}

/** Erasures that no node is waited for any more. */
export async function acknowledgedErasures(db: Db, most: number): Promise<ErasureRow[]> {
  return await db
    .selectFrom('erasure')
    .select(columns)
    .where('state', '=', 'erasing')
    .where(sql<boolean>`NOT EXISTS (
      SELECT FROM erasure_delivery WHERE erasure_delivery.erasure = erasure.id AND acked_ms IS NULL)`)
    .orderBy('due_ms')
    .limit(most)
    .execute();
}

/** From when on each kind is counted: the last of what there is under these references. */
export async function lastOf(db: Db, refs: readonly string[]) {
  const { rows } = await sql<{ accesses: number | null; consents: number | null; disputes: number | null }>`
    SELECT (SELECT max(at_ms) FROM access WHERE subject_ref = ANY (${[...refs]}::text[])) AS accesses,
      (SELECT max(CASE WHEN state = 'revoked' THEN state_since_ms ELSE valid_until_ms END) FROM consent
        WHERE subject_ref = ANY (${[...refs]}::text[])) AS consents,
      greatest((SELECT max(received_ms) FROM dispute WHERE subject_ref = ANY (${[...refs]}::text[])),
        (SELECT max(at_ms) FROM dispute_step WHERE subject_ref = ANY (${[...refs]}::text[]))) AS disputes
  `.execute(db);
  return rows[0] ?? { accesses: null, consents: null, disputes: null };
}

/** Consents that are not revoked yet. */
export async function openConsents(trx: Trx, refs: readonly string[]) {
  return await trx
    .selectFrom('consent')
    .select(['subject_ref', 'digest', 'bureaus'])
    .where('subject_ref', 'in', refs)
    .where('state', '<>', 'revoked')
    .orderBy('digest')
    .forUpdate()
    .execute();
}
