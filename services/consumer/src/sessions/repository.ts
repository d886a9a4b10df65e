import type { Kysely, Transaction } from 'kysely';
import type { ConsumerTables } from '../tables.ts';

export async function insertSession(
  trx: Transaction<ConsumerTables>,
  session: { token: string; subjectRef: string; expiresMs: number },
): Promise<void> {
  await trx
    .insertInto('session')
    .values({ token: session.token, subject_ref: session.subjectRef, expires_ms: session.expiresMs })
    .execute();
}

/** The subject whose live session has this token digest. */
export async function sessionSubject(
  db: Kysely<ConsumerTables>,
  token: string,
  nowMs: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('session')
    .select('subject_ref')
    .where('token', '=', token)
    .where('expires_ms', '>', nowMs)
    .executeTakeFirst();
  return row?.subject_ref;
}

export async function forgetSessions(db: Kysely<ConsumerTables>, nowMs: number): Promise<void> {
  await db.deleteFrom('session').where('expires_ms', '<=', nowMs).execute();
}

export async function deleteSession(db: Kysely<ConsumerTables>, token: string): Promise<void> {
  await db.deleteFrom('session').where('token', '=', token).execute();
}
