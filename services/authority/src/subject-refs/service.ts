import { type Clock, dateOf } from '@causeway/kernel';
import type { DirectoryClient } from '@causeway/member/directory-client';
import { CausewayError } from '@causeway/protocol/errors';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import type { References } from '@causeway/protocol/statements/directory';
import type { Kysely } from 'kysely';
import type { AuthorityTables } from '../tables.ts';
import type { BlindEvaluator } from './evaluator.ts';
import { refundBudget, spendBudget } from './repository.ts';

export interface SubjectRefDeps {
  readonly db: Kysely<AuthorityTables>;
  readonly evaluator: BlindEvaluator;
  readonly directory: DirectoryClient;
  /** Identifiers per member, epoch and day (UTC). */
  readonly budget: number;
  readonly clock: Clock;
}

/** Roles that know identifiers. The broker never sees one, so it has nothing to derive from. */
const derivers: ReadonlySet<MemberEntry['roles'][number]> = new Set(['lender', 'bureau', 'consumer']);

/**
 * Evaluates blinded elements for a member in an epoch that the directory publishes, the current one where it
 * asks for none, within its budget of the day. One element of each batch is taken to be the canary and is
 * free, whichever it is: nobody can tell.
 * @throws CausewayError `role_not_permitted`, `not_ready` where no epoch is published, `budget_exhausted`,
 *   `bad_request` for an epoch that is not published, and for what is no group element
 */
export async function deriveFor(
  deps: SubjectRefDeps,
  member: string,
  asked: { epoch?: string; blinded: readonly string[] },
): Promise<{ epoch: string; evaluated: string[] }> {
  const { db, evaluator, directory, budget, clock } = deps;
  const roles = directory.view().member(member)?.roles ?? [];
  if (!roles.some((role) => derivers.has(role))) throw new CausewayError('role_not_permitted');
  const epoch = await publishedEpoch(directory, asked.epoch);
  const elements = Math.max(1, asked.blinded.length - 1);
  const spend = { member, epoch, day: dateOf(clock.now(), 'UTC'), elements };
  if (!(await spendBudget(db, { ...spend, budget }))) throw new CausewayError('budget_exhausted');
  try {
    return { epoch, evaluated: await evaluator.evaluate(epoch, asked.blinded) };
  } catch (error) {
    await refundBudget(db, spend);
    throw error;
  }
}

async function publishedEpoch(directory: DirectoryClient, asked: string | undefined): Promise<string> {
  const isPublished = (): boolean => epochsOf(directory).epochs.some(({ epoch }) => epoch === asked);
  if (asked === undefined) return epochsOf(directory).current;
  // Who asks may have read a head that this process has not looked at yet.
  if (!isPublished()) await directory.refresh();
  if (isPublished()) return asked;
  throw new CausewayError('bad_request', { detail: 'There is no such epoch.', pointer: '/epoch' });
}

function epochsOf(directory: DirectoryClient): References {
  const { references } = directory.view();
  if (!references) throw new CausewayError('not_ready', { internal: 'no epoch of references is published' });
  return references;
}
