import type { Clock } from '@causeway/kernel';
import { parseMemberEntry } from '@causeway/protocol/member-entry';
import { transaction } from '@causeway/service/database';
import type { Kysely } from 'kysely';
import { lockMembership, putEntry } from '../admission/repository.ts';
import type { AuthorityTables } from '../tables.ts';

/**
 * Puts the authority's own entry, which the ceremony wrote, into an empty directory; later only acts change
 * it.
 */
export async function seedOwnEntry(db: Kysely<AuthorityTables>, text: string, clock: Clock): Promise<void> {
  const { id } = parseMemberEntry(text);
  await transaction(db, async (trx) => {
    await lockMembership(trx);
    const known = await trx.selectFrom('member').select('id').where('id', '=', id).executeTakeFirst();
    // A crash after COMMIT leaves an entry that no head names yet; the signer's next tick signs it.
    if (!known) await putEntry(trx, { text, member: id, act: null, atMs: clock.now() });
  });
}
