import type { Transaction } from 'kysely';
import type { ConsentRow, ConsumerTables, GrantHolderRow } from '../tables.ts';

/** The use that this inquiry has spent. */
export async function findUse(
  trx: Transaction<ConsumerTables>,
  subjectRef: string,
  inquiry: string,
): Promise<number | undefined> {
  const row = await trx
    .selectFrom('consent_use')
    .select('use')
    .where('subject_ref', '=', subjectRef)
    .where('inquiry', '=', inquiry)
    .executeTakeFirst();
  return row?.use;
}

/** Spends the consent's next use on this inquiry, for good; the consent's row lock must be held. */
export async function spendUse(
  trx: Transaction<ConsumerTables>,
  consent: Pick<ConsentRow, 'subject_ref' | 'digest' | 'uses'>,
  inquiry: string,
  nowMs: number,
): Promise<number> {
  const { subject_ref, digest } = consent;
  const use = consent.uses + 1;
  await trx
    .updateTable('consent')
    .set({ uses: use })
    .where('subject_ref', '=', subject_ref)
    .where('digest', '=', digest)
    .execute();
  await trx
    .insertInto('consent_use')
    .values({ subject_ref, inquiry, consent: digest, use, at_ms: nowMs })
    .execute();
  return use;
}

/** Remembers who holds a grant until when; a renewed one replaces the earlier. */
export async function recordHolders(
  trx: Transaction<ConsumerTables>,
  rows: readonly GrantHolderRow[],
): Promise<void> {
  await trx
    .insertInto('grant_holder')
    .values([...rows])
    .onConflict((conflict) =>
      conflict.columns(['subject_ref', 'inquiry', 'node']).doUpdateSet((row) => ({
        digest: row.ref('excluded.digest'),
        expires_ms: row.ref('excluded.expires_ms'),
      })),
    )
    .execute();
}
