import type { Kysely, Transaction } from 'kysely';
import type { PasskeyRow, RegistrationRow } from '../passkey-rows.ts';
import type { ConsumerTables } from '../tables.ts';

const columns = [
  'subject_ref',
  'enrolment',
  'id',
  'credential_id',
  'public_key',
  'role',
  'replaces',
  'statement',
  'evidence',
  'handover',
  'enrolled_ms',
  'counts_from_ms',
  'removed_ms',
] as const;

const registrationColumns = [
  'subject_ref',
  'id',
  'challenge',
  'replaces',
  'credential_id',
  'public_key',
  'content',
  'expires_ms',
] as const;

/** Every passkey that the subject with these references has or had, the newest first. */
export async function passkeysOf(db: Kysely<ConsumerTables>, refs: readonly string[]): Promise<PasskeyRow[]> {
  return await db
    .selectFrom('passkey')
    .select(columns)
    .where('subject_ref', 'in', refs)
    .orderBy('enrolled_ms', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export async function insertPasskey(trx: Transaction<ConsumerTables>, row: PasskeyRow): Promise<void> {
  await trx.insertInto('passkey').values(row).execute();
}

/** The passkey before has signed for this one: it counts from now on. */
export async function handOver(
  trx: Transaction<ConsumerTables>,
  { enrolment, subject_ref }: PasskeyRow,
  change: { handover: string; counts_from_ms: number },
): Promise<void> {
  await trx
    .updateTable('passkey')
    .set(change)
    .where('subject_ref', '=', subject_ref)
    .where('enrolment', '=', enrolment)
    .execute();
}

export async function markRemoved(
  trx: Transaction<ConsumerTables>,
  { enrolment, subject_ref }: PasskeyRow,
  removed_ms: number,
): Promise<void> {
  await trx
    .updateTable('passkey')
    .set({ removed_ms })
    .where('subject_ref', '=', subject_ref)
    .where('enrolment', '=', enrolment)
    .execute();
}

export async function insertRegistration(db: Kysely<ConsumerTables>, row: RegistrationRow): Promise<void> {
  await db.insertInto('passkey_registration').values(row).execute();
}

export async function countRegistrations(db: Kysely<ConsumerTables>, subjectRef: string): Promise<number> {
  const { n } = await db
    .selectFrom('passkey_registration')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('subject_ref', '=', subjectRef)
    .executeTakeFirstOrThrow();
  return Number(n);
}

export async function findRegistration(
  db: Kysely<ConsumerTables>,
  subjectRef: string,
  id: string,
): Promise<RegistrationRow | undefined> {
  return await db
    .selectFrom('passkey_registration')
    .select(registrationColumns)
    .where('subject_ref', '=', subjectRef)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The credential that was made for a registration; a second one takes the place of none. */
export async function keepCredential(
  db: Kysely<ConsumerTables>,
  { id, subject_ref }: RegistrationRow,
  made: Pick<RegistrationRow, 'content' | 'credential_id' | 'public_key'>,
): Promise<boolean> {
  const updated = await db
    .updateTable('passkey_registration')
    .set(made)
    .where('subject_ref', '=', subject_ref)
    .where('id', '=', id)
    .where('credential_id', 'is', null)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/** Takes a registration out: it becomes one passkey. */
export async function takeRegistration(
  trx: Transaction<ConsumerTables>,
  subjectRef: string,
  id: string,
): Promise<RegistrationRow | undefined> {
  return await trx
    .deleteFrom('passkey_registration')
    .where('subject_ref', '=', subjectRef)
    .where('id', '=', id)
    .returning(registrationColumns)
    .executeTakeFirst();
}

export async function forgetRegistrations(db: Kysely<ConsumerTables>, nowMs: number): Promise<void> {
  await db.deleteFrom('passkey_registration').where('expires_ms', '<=', nowMs).execute();
}
