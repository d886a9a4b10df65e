import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';

/** Somebody of a member's staff, with the roles that count now. */
export interface Staff {
  /** Whose staff. */
  readonly member: string;
  /** The identity provider's name of the account. */
  readonly person: string;
  /** As colleagues know them. */
  readonly name: string;
  readonly roles: readonly string[];
}

/** A session as it was opened: what counts of it is decided at each request. */
export interface StaffSession extends Staff {
  /** The identity provider that said so. */
  readonly issuer: string;
}

/** Spends an id_token; false where it was spent before. */
export async function spendToken<DB>(
  trx: Transaction<DB>,
  token: { readonly digest: string; readonly expiresMs: number },
): Promise<boolean> {
  const { rows } = await sql`
    INSERT INTO used_staff_token (digest, expires_ms) VALUES (${token.digest}, ${token.expiresMs})
    ON CONFLICT DO NOTHING RETURNING digest`.execute(trx);
  return rows.length === 1;
}

export async function insertSession<DB>(
  trx: Transaction<DB>,
  token: string,
  { issuer, member, name, person, roles }: StaffSession,
  expiresMs: number,
): Promise<void> {
  await sql`
    INSERT INTO staff_session (token, member, issuer, person, name, roles, expires_ms)
    VALUES (${token}, ${member}, ${issuer}, ${person}, ${name}, ${[...roles]}::text[], ${expiresMs})
  `.execute(trx);
}

/** The live session with this token digest. */
export async function findSession<DB>(
  db: Kysely<DB>,
  token: string,
  nowMs: number,
): Promise<StaffSession | undefined> {
  const { rows } = await sql<StaffSession>`
    SELECT member, issuer, person, name, roles FROM staff_session
    WHERE token = ${token} AND expires_ms > ${nowMs}`.execute(db);
  return rows[0];
}

export async function deleteSession<DB>(db: Kysely<DB>, token: string): Promise<void> {
  await sql`DELETE FROM staff_session WHERE token = ${token}`.execute(db);
}

/** Forgets sessions and tokens that are past their end: they are refused by their time. */
export async function forgetStaffSessions<DB>(db: Kysely<DB>, nowMs: number): Promise<void> {
  await sql`DELETE FROM staff_session WHERE expires_ms <= ${nowMs}`.execute(db);
  await sql`DELETE FROM used_staff_token WHERE expires_ms < ${nowMs}`.execute(db);
}

interface Look {
  readonly what: string;
  readonly about: string | null;
  readonly atMs: number;
}

/** Leaves the trace of one look. Of another member's staff it keeps the account, not how they are called. */
export async function insertRead<DB>(
  db: Kysely<DB>,
  { member, name, person, roles }: Staff,
  { about, atMs, what }: Look,
  me: string,
): Promise<void> {
  await sql`
    INSERT INTO staff_read (member, person, name, roles, what, about, at_ms)
    VALUES (${member}, ${person}, ${member === me ? name : null}, ${[...roles]}::text[],
      ${what}, ${about}, ${atMs})`.execute(db);
}

interface Read {
  readonly id: number;
  readonly person: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly what: string;
  readonly about: string | null;
  readonly at_ms: number;
}

const pageMax = 100;

/**
 * What a member's people looked at, newest first, before the one with this id. Traces without a member are
 * from before there was one, of the service's own.
 */
export async function readsOfStaff<DB>(db: Kysely<DB>, member: string, before: number | undefined) {
  const from = before ?? null;
  const { rows } = await sql<Read>`
    SELECT id, person, name, roles, what, about, at_ms FROM staff_read
    WHERE (member = ${member} OR member IS NULL) AND (${from}::bigint IS NULL OR id < ${from}::bigint)
    ORDER BY id DESC LIMIT ${pageMax}`.execute(db);
  const items = rows.map(({ about, at_ms, name, person, ...row }) => ({
    ...{ ...row, person, name: name ?? person },
    ...(about === null ? {} : { about }),
    at: new Date(Number(at_ms)).toISOString(),
  }));
  const last = rows.at(-1);
  return { items, ...(rows.length === pageMax && last ? { next: last.id } : {}) };
}
