import { CausewayError } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { ConsumerTables } from '../tables.ts';
import type { Freeze } from './repository.ts';

type Standing = Pick<Freeze, 'lifted_ms' | 'restricts'>;

/** True for a freeze that stands for an erasure. */
export const isRestriction = ({ lifted_ms, restricts }: Standing): boolean => lifted_ms === null && restricts;

/** @throws CausewayError conflict where one of these freezes stands for an erasure */
export function requireUnrestricted(freezes: readonly Standing[]): void {
  if (!freezes.some(isRestriction)) return;
  throw new CausewayError('conflict', {
    detail: 'You have asked to be erased. Take that back first: DELETE /v1/erasure.',
  });
}

/** Lets a standing freeze stop everything, or only what a freeze stops. */
export async function setRestricts(
  trx: Transaction<ConsumerTables>,
  refs: readonly string[],
  id: string,
  restricts: boolean,
): Promise<void> {
  await trx
    .updateTable('subject_freeze')
    .set({ restricts })
    .where('subject_ref', 'in', refs)
    .where('id', '=', id)
    .execute();
}
