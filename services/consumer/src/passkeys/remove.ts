import { CausewayError } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { actOnce } from '../subjects/act-once.ts';
import type { SignedInActor } from '../subjects/actor.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import { announcePasskey } from './announce.ts';
import { markRemoved, passkeysOf } from './repository.ts';

/**
 * Removes a passkey, for the subject who has just signed in for this; a waiting one too, which is how
 * somebody objects to it. Consents that it signed stand until they are withdrawn. Removing again changes
 * nothing.
 * @throws CausewayError `not_found` for another subject's, as for none
 */
export async function removePasskey(consumer: Consumer, id: string, actor: SignedInActor): Promise<void> {
  await transaction(consumer.db, async (trx) => {
    const refs = await lockWholeSubject(trx, actor.subjectRef);
    const found = (await passkeysOf(trx, refs)).find((row) => row.id === id);
    if (!found) throw new CausewayError('not_found');
    await actOnce(trx, actor.signedIn);
    if (found.removed_ms !== null) return;
    await markRemoved(trx, found, consumer.clock.now());
    await announcePasskey(consumer, trx, 'removed', found);
    // A crash after the commit loses only the answer: it stands as removed in the list.
  });
}
