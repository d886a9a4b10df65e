import { CausewayError } from '@causeway/protocol';
import type { DirectoryView } from '@causeway/protocol';
import { sql } from 'kysely';
import type { Transaction } from 'kysely';

/**
 * The last look at the member that personal data goes to, in the transaction of the release, with the
 * member's lock (`memberKey`) held shared: another process of this node may have acknowledged a suspension
 * that this one has not heard of.
 * @throws CausewayError not_ready where a newer directory has been adopted than `view`; member_suspended,
 * member_unknown
 */
export async function requireActiveMember<DB>(
  trx: Transaction<DB>,
  view: DirectoryView,
  member: string,
): Promise<void> {
  const { rows } = await sql<{ version: number }>`SELECT version FROM directory_state`.execute(trx);
  checkActiveMember(view, member, rows[0]?.version ?? 0);
}

/**
 * The same check, for a caller that has read the adopted version itself (`batchStatus`).
 * @throws CausewayError as `requireActiveMember`
 */
export function checkActiveMember(view: DirectoryView, member: string, adoptedVersion: number): void {
  if (adoptedVersion > view.version) {
    throw new CausewayError('not_ready', { internal: 'another process has adopted a newer directory' });
  }
  const entry = view.member(member);
  if (entry === undefined) throw new CausewayError('member_unknown');
  if (entry.status !== 'active') throw new CausewayError('member_suspended');
}
