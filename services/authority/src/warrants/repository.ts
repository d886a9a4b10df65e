import type { SignedAct } from '@causeway/protocol/officer-act';
import type { Kysely, Transaction } from 'kysely';
import type { AuthorityTables } from '../tables.ts';

export async function insertWarrant(
  trx: Transaction<AuthorityTables>,
  row: AuthorityTables['warrant'],
): Promise<void> {
  await trx.insertInto('warrant').values(row).execute();
}

/** The inquiry that was signed for a warrant. */
export async function inquiryOf(db: Kysely<AuthorityTables>, digest: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('warrant')
    .select('inquiry')
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row?.inquiry;
}

/** A warrant as its officers signed it. */
export async function signedWarrant(
  db: Kysely<AuthorityTables>,
  digest: string,
): Promise<SignedAct | undefined> {
  const row = await db
    .selectFrom('warrant')
    .innerJoin('officer_act', 'officer_act.digest', 'warrant.digest')
    .select('officer_act.signed')
    .where('warrant.digest', '=', digest)
    .executeTakeFirst();
  return row && (JSON.parse(row.signed) as SignedAct);
}
