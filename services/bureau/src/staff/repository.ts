import type { Kysely, Transaction } from 'kysely';

import type { BureauTables } from '../tables.ts';
import type { Staff } from './staff-token.ts';
import { rolesAmong } from './roles.ts';

type Db = Kysely<BureauTables>;

/** Spends an id_token; false where it was spent before. */
export async function spendToken(
  trx: Transaction<BureauTables>,
  token: { readonly digest: string; readonly expiresMs: number },
): Promise<boolean> {
  const inserted = await trx
    .insertInto('used_staff_token')
    .values({ digest: token.digest, expires_ms: token.expiresMs })
    .onConflict((conflict) => conflict.doNothing())
    .returning('digest')
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function insertSession(
  trx: Transaction<BureauTables>,
  token: string,
  { name, person, roles }: Staff,
  expiresMs: number,
): Promise<void> {
  await trx
    .insertInto('staff_session')
    .values({ token, person, name, roles: [...roles], expires_ms: expiresMs })
    .execute();
}

/** Whose live session has this token digest. */
export async function sessionStaff(db: Db, token: string, nowMs: number): Promise<Staff | undefined> {
  const row = await db
    .selectFrom('staff_session')
    .select(['person', 'name', 'roles'])
    .where('token', '=', token)
    .where('expires_ms', '>', nowMs)
    .executeTakeFirst();
  return row && { person: row.person, name: row.name, roles: rolesAmong(row.roles) };
}

export async function deleteSession(db: Db, token: string): Promise<void> {
  await db.deleteFrom('staff_session').where('token', '=', token).execute();
}

/** Forgets sessions and tokens that are past their end: they are refused by their time. */
export async function forgetStaffSessions(db: Db, nowMs: number): Promise<void> {
  await db.deleteFrom('staff_session').where('expires_ms', '<=', nowMs).execute();
  await db.deleteFrom('used_staff_token').where('expires_ms', '<', nowMs).execute();
}

/** Leaves the trace of one look. */
export async function insertRead(
  db: Db,
  { name, person, roles }: Staff,
  look: { readonly what: string; readonly about: string | null; readonly atMs: number },
): Promise<void> {
  await db
    .insertInto('staff_read')
    .values({ person, name, roles: [...roles], what: look.what, about: look.about, at_ms: look.atMs })
    .execute();
}

/** Looks of the staff, newest first, before the one with this id. */
export async function readsBefore(db: Db, before: number | undefined, limit: number) {
  let query = db.selectFrom('staff_read').select(['id', 'person', 'name', 'roles', 'what', 'about', 'at_ms']);
  if (before !== undefined) query = query.where('id', '<', before);
  return await query.orderBy('id', 'desc').limit(limit).execute();
}
