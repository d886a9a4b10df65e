import { type Transaction, sql } from 'kysely';
import type { AccessRow, ConsentRow, ConsumerTables, GrantHolderRow } from '../tables.ts';

/** What the tables say of an inquiry, beside its consent. */
export interface InquiryFacts {
  /** The use that it has spent. */
  readonly use: number | undefined;
  /** The refusal recorded for it before any use was spent. */
  readonly refused: { readonly code: string; readonly statement: string } | undefined;
  /** A freeze of the subject stands that does not exempt the purpose. */
  readonly frozen: boolean;
}

/**
 * Reads them in one statement of their own, after the consent's row lock was taken: what the lock's last
 * holder wrote is seen.
 */
export async function inquiryFacts(
  trx: Transaction<ConsumerTables>,
  of: { subjectRef: string; inquiry: string; purpose: string; iss: string },
): Promise<InquiryFacts> {
  const { inquiry, iss, purpose, subjectRef } = of;
  const { rows } = await sql<{
    use: number | null;
    code: string | null;
    statement: string | null;
    frozen: boolean;
  }>`
    SELECT spent.use, refused.code, refused.statement, EXISTS (
      SELECT FROM subject_freeze
      WHERE subject_ref = ${subjectRef} AND lifted_ms IS NULL AND NOT ${purpose} = ANY (exempt_purposes)
    ) AS frozen
    FROM (SELECT) AS one
    LEFT JOIN consent_use AS spent ON spent.subject_ref = ${subjectRef} AND spent.inquiry = ${inquiry}
    LEFT JOIN refusal AS refused ON refused.subject_ref = ${subjectRef} AND refused.inquiry = ${inquiry}
      AND refused.use = 0 AND refused.iss = ${iss}
  `.execute(trx);
  const [row] = rows;
  const { code = null, frozen = false, statement = null, use = null } = row ?? {};
  const refused = code === null || statement === null ? undefined : { code, statement };
  return { use: use ?? undefined, refused, frozen };
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
    .with('counted', (part) =>
      part
        .updateTable('consent')
        .set({ uses: use })
        .where('subject_ref', '=', subject_ref)
        .where('digest', '=', digest),
    )
    .insertInto('consent_use')
    .values({ subject_ref, inquiry, consent: digest, use, at_ms: nowMs })
    .execute();
  return use;
}

/**
 * Remembers who holds a grant until when, where a renewed one replaces the earlier, and adds the decision's
 * line to the history; a repeat of the decision adds none.
 */
export async function recordGrants(
  trx: Transaction<ConsumerTables>,
  holders: readonly GrantHolderRow[],
  line: Omit<AccessRow, 'seq'>,
): Promise<void> {
  await trx
    .with('held', (part) =>
      part
        .insertInto('grant_holder')
        .values([...holders])
        .onConflict((conflict) =>
          conflict.columns(['subject_ref', 'inquiry', 'node']).doUpdateSet((row) => ({
            digest: row.ref('excluded.digest'),
            expires_ms: row.ref('excluded.expires_ms'),
          })),
        ),
    )
    .insertInto('access')
    .values(line)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
