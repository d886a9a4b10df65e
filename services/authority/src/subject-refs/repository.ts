import { type Kysely, sql } from 'kysely';
import type { AuthorityTables } from '../tables.ts';

/**
 * Takes `elements` from a member's budget of that day, all or nothing: one statement, so that any number of
 * calls at once cannot take more than there is. Returns whether there was enough.
 */
export async function spendBudget(
  db: Kysely<AuthorityTables>,
  spend: { member: string; day: string; elements: number; budget: number },
): Promise<boolean> {
  const { member, day, elements, budget } = spend;
  if (elements > budget) return false;
  // A crash between this and the answer has spent what nobody got: the member loses a batch of its day,
  // nothing else.
  const { rows } = await sql`
    INSERT INTO blind_budget (member, day, used) VALUES (${member}, ${day}, ${elements})
    ON CONFLICT (member, day) DO UPDATE SET used = blind_budget.used + ${elements}
      WHERE blind_budget.used + ${elements} <= ${budget}
    RETURNING used
  `.execute(db);
  return rows.length === 1;
}

/** Gives back what `spendBudget` took for a batch of which nothing was evaluated. */
export async function refundBudget(
  db: Kysely<AuthorityTables>,
  { member, day, elements }: { member: string; day: string; elements: number },
): Promise<void> {
  await db
    .updateTable('blind_budget')
    .set((eb) => ({ used: eb('used', '-', elements) }))
    .where('member', '=', member)
    .where('day', '=', day)
    .execute();
}
