import { type Kysely, sql } from 'kysely';
import type { AuthorityTables } from '../tables.ts';

/** A member's budget in an epoch: whoever derives in both epochs of a re-key has both. */
interface Account {
  readonly member: string;
  readonly epoch: string;
  readonly day: string;
}

/**
 * Takes `elements` from a member's budget of that day, all or nothing: one statement, so that any number of
 * calls at once cannot take more than there is. Returns whether there was enough.
 */
export async function spendBudget(
  db: Kysely<AuthorityTables>,
  spend: Account & { elements: number; budget: number },
): Promise<boolean> {
  const { member, epoch, day, elements, budget } = spend;
  if (elements > budget) return false;
  // A crash between this and the answer has spent what nobody got: the member loses a batch of its day,
  // nothing else.
  const { rows } = await sql`
    INSERT INTO blind_budget (member, epoch, day, used) VALUES (${member}, ${epoch}, ${day}, ${elements})
    ON CONFLICT (member, epoch, day) DO UPDATE SET used = blind_budget.used + ${elements}
      WHERE blind_budget.used + ${elements} <= ${budget}
    RETURNING used
  `.execute(db);
  return rows.length === 1;
}

/** Gives back what `spendBudget` took for a batch of which nothing was evaluated. */
export async function refundBudget(
  db: Kysely<AuthorityTables>,
  { member, epoch, day, elements }: Account & { elements: number },
): Promise<void> {
  await db
    .updateTable('blind_budget')
    .set((eb) => ({ used: eb('used', '-', elements) }))
    .where('member', '=', member)
    .where('epoch', '=', epoch)
    .where('day', '=', day)
    .execute();
}
