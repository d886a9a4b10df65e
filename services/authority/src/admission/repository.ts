import { CausewayError } from '@causeway/protocol/errors';
import { entryDigest, type MemberEntry, parseMemberEntry } from '@causeway/protocol/member-entry';
import { type Kysely, type Transaction, sql } from 'kysely';
import type { IssuedCertificate } from '../certificates/certificate.ts';
import type { AuthorityTables } from '../tables.ts';

type Executor = Kysely<AuthorityTables>;
type Trx = Transaction<AuthorityTables>;
type ApplicationRow = AuthorityTables['application'];

/** Advisory lock of everything that changes membership: such changes are rare, so they take turns. */
const MEMBERSHIP_LOCK = 7_100_002;

export async function lockMembership(trx: Trx): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${MEMBERSHIP_LOCK})`.execute(trx);
}

export async function applicationByDigest(db: Executor, digest: string): Promise<ApplicationRow | undefined> {
  return await db.selectFrom('application').selectAll().where('digest', '=', digest).executeTakeFirst();
}

export async function applicationById(db: Executor, id: string): Promise<ApplicationRow | undefined> {
  return await db.selectFrom('application').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function countPending(db: Executor): Promise<number> {
  const { n } = await db
    .selectFrom('application')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('act', 'is', null)
    .executeTakeFirstOrThrow();
  return n;
}

export async function insertApplication(trx: Trx, row: ApplicationRow): Promise<void> {
  await trx.insertInto('application').values(row).execute();
}

export async function markAdmitted(
  trx: Trx,
  id: string,
  act: string,
  certificate: string | null,
): Promise<void> {
  await trx.updateTable('application').set({ act, certificate }).where('id', '=', id).execute();
}

/**
 * Whether this act was recorded before. @throws CausewayError `once_conflict` for its id with other content
 */
export async function actIsRecorded(db: Executor, jti: string, digest: string): Promise<boolean> {
  const row = await db.selectFrom('officer_act').select('digest').where('jti', '=', jti).executeTakeFirst();
  if (row && row.digest !== digest) throw new CausewayError('once_conflict');
  return row !== undefined;
}

export async function insertAct(trx: Trx, row: AuthorityTables['officer_act']): Promise<void> {
  await trx.insertInto('officer_act').values(row).execute();
}

/** Every member's entry in force. */
export async function entriesInForce(db: Executor): Promise<MemberEntry[]> {
  const rows = await db
    .selectFrom('member')
    .innerJoin('member_entry', 'member_entry.digest', 'member.entry')
    .select('member_entry.body')
    .execute();
  return rows.map(({ body }) => parseMemberEntry(body));
}

/** Every entry that was ever in force: which keys have been enrolled, at whom, for what. */
export async function entriesEver(db: Executor): Promise<MemberEntry[]> {
  const rows = await db.selectFrom('member_entry').select('body').execute();
  return rows.map(({ body }) => parseMemberEntry(body));
}

/**
 * Stores an entry's text under its digest and puts it in force. `act` is null for the ceremony's own entry.
 */
export async function putEntry(
  trx: Trx,
  entry: { text: string; member: string; act: string | null; atMs: number },
): Promise<string> {
  const digest = entryDigest(entry.text);
  const { member, act, text: body, atMs: at_ms } = entry;
  const row = { digest, member, body, act, at_ms };
  // An entry may come back: suspended and reinstated, it has the text and the digest of before.
  await trx
    .insertInto('member_entry')
    .values(row)
    .onConflict((oc) => oc.column('digest').doNothing())
    .execute();
  await trx
    .insertInto('member')
    .values({ id: member, entry: digest })
    .onConflict((oc) => oc.column('id').doUpdateSet({ entry: digest }))
    .execute();
  return digest;
}

/** The certificate that was issued for an act, PEM. */
export async function certificateOf(db: Executor, act: string): Promise<string | undefined> {
  const row = await db.selectFrom('certificate').select('pem').where('act', '=', act).executeTakeFirst();
  return row?.pem;
}

export async function insertCertificate(
  trx: Trx,
  certificate: IssuedCertificate,
  of: { member: string; act: string },
): Promise<void> {
  const { thumbprint, serial, pem, notAfterMs } = certificate;
  await trx
    .insertInto('certificate')
    .values({ thumbprint, serial, pem, not_after_ms: notAfterMs, ...of })
    .execute();
}
