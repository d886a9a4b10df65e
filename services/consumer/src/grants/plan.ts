import type { LeafOpening } from '@causeway/member';
import type { HotStatement, HotTransaction } from '@causeway/service';
import type { AccessRow, ConsumerTables, GrantHolderRow, RefusalRow } from '../tables.ts';

/** What the decisions of a batch write, table by table; each item adds its own. */
export class Plan {
  /** Consents by name, with the uses spent so far, this batch's included. */
  readonly uses = new Map<string, { subject_ref: string; digest: string; uses: number }>();
  /** Uses of what a basis cites, by subject and cited digest. */
  readonly basisUses = new Map<string, number>();
  readonly spent: ConsumerTables['consent_use'][] = [];
  readonly based: ConsumerTables['basis_use'][] = [];
  readonly holders: GrantHolderRow[] = [];
  readonly refusals: RefusalRow[] = [];
  readonly lines: Omit<AccessRow, 'seq'>[] = [];
  readonly leaves: { readonly partitionKey: string; readonly opening: LeafOpening }[] = [];

  get empty(): boolean {
    return this.holders.length === 0 && this.refusals.length === 0;
  }
}

const write: HotStatement = {
  name: 'write_redemptions',
  text: `WITH counted AS (
      UPDATE consent SET uses = now.uses
      FROM jsonb_to_recordset($1::jsonb) AS now (subject_ref text, digest text, uses integer)
      WHERE consent.subject_ref = now.subject_ref AND consent.digest = now.digest
    ), spent AS (
      INSERT INTO consent_use (subject_ref, inquiry, consent, use, at_ms)
      SELECT * FROM jsonb_to_recordset($2::jsonb) AS spent
        (subject_ref text, inquiry text, consent text, use integer, at_ms bigint)
    ), based AS (
      INSERT INTO basis_use (subject_ref, inquiry, basis, cited, lender, use, at_ms)
      SELECT * FROM jsonb_to_recordset($3::jsonb) AS based
        (subject_ref text, inquiry text, basis text, cited text, lender text, use integer, at_ms bigint)
    ), held AS (
      INSERT INTO grant_holder (subject_ref, inquiry, node, consent, digest, expires_ms)
      SELECT * FROM jsonb_to_recordset($4::jsonb) AS held
        (subject_ref text, inquiry text, node text, consent text, digest text, expires_ms bigint)
      ON CONFLICT (subject_ref, inquiry, node) DO UPDATE
      SET digest = excluded.digest, expires_ms = excluded.expires_ms
    ), lines AS (
      INSERT INTO access (subject_ref, id, at_ms, lender, purpose, categories, bureaus, outcome, code,
        inquiry, use, decided_by, leaf, shown_from_ms, shown_as)
      SELECT * FROM jsonb_to_recordset($5::jsonb) AS line
        (subject_ref text, id uuid, at_ms bigint, lender text, purpose text, categories text[],
         bureaus text[], outcome text, code text, inquiry text, use integer, decided_by text, leaf text,
         shown_from_ms bigint, shown_as jsonb)
      ON CONFLICT DO NOTHING
    )
    INSERT INTO refusal (subject_ref, inquiry, use, iss, code, digest, statement)
    SELECT * FROM jsonb_to_recordset($6::jsonb) AS refused
      (subject_ref text, inquiry text, use integer, iss text, code text, digest text, statement text)
    ON CONFLICT DO NOTHING RETURNING digest`,
};

/**
 * Writes a batch in one statement. Returns false where another process recorded one of the refusals at the
 * same moment: then nothing of this may be committed.
 */
export async function writePlan(trx: HotTransaction, plan: Plan): Promise<boolean> {
  const rows = [[...plan.uses.values()], plan.spent, plan.based, plan.holders, plan.lines, plan.refusals];
  const inserted = await trx.query(
    write,
    rows.map((table) => JSON.stringify(table)),
  );
  return inserted.length === plan.refusals.length;
}
