import { type Clock, dateOf } from '@causeway/kernel';
import type { DirectoryClient } from '@causeway/member/directory-client';
import { CausewayError } from '@causeway/protocol/errors';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import type { Kysely } from 'kysely';
import type { AuthorityTables } from '../tables.ts';
import type { BlindEvaluator } from './evaluator.ts';
import { refundBudget, spendBudget } from './repository.ts';

export interface SubjectRefDeps {
  readonly db: Kysely<AuthorityTables>;
  readonly evaluator: BlindEvaluator;
  readonly directory: DirectoryClient;
  /** Elements per member and day (UTC). */
  readonly budget: number;
  readonly clock: Clock;
}

/** The epoch of the evaluation key; a new key is a new epoch. */
export const EPOCH = '1';

/** Roles that know identifiers. The broker never sees one, so it has nothing to derive from. */
const derivers: ReadonlySet<MemberEntry['roles'][number]> = new Set(['lender', 'bureau', 'consumer']);

/**
 * Evaluates blinded elements for a member, within its budget of the day.
 * @throws CausewayError `role_not_permitted`, `budget_exhausted`, `bad_request` for what is no group element
 */
export async function deriveFor(
  deps: SubjectRefDeps,
  member: string,
  blinded: readonly string[],
): Promise<{ epoch: string; evaluated: string[] }> {
  const { db, evaluator, directory, budget, clock } = deps;
  const roles = directory.view().member(member)?.roles ?? [];
  if (!roles.some((role) => derivers.has(role))) throw new CausewayError('role_not_permitted');
  const spend = { member, day: dateOf(clock.now(), 'UTC'), elements: blinded.length };
  if (!(await spendBudget(db, { ...spend, budget }))) throw new CausewayError('budget_exhausted');
  try {
    return { epoch: EPOCH, evaluated: await evaluator.evaluate(blinded) };
  } catch (error) {
    await refundBudget(db, spend);
    throw error;
  }
}
