import { withReceipts } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import type { Identity } from '../subjects/references.ts';
import { lockWholeSubjects, refsOf } from '../subjects/linked-refs.ts';
import { joinSubjects } from './join.ts';

/**
 * The subject behind a verified identity, by its reference in the current epoch. While two epochs overlap,
 * the references of both become one subject at the first sign-in: what was consented, frozen and seen under
 * the one holds under the other.
 * @throws CausewayError as `SubjectReferences.all`
 */
export async function subjectOf(consumer: Consumer, identity: Identity): Promise<string> {
  const refs = await consumer.references.all(identity);
  const [current] = refs;
  if (current === undefined) throw new CausewayError('not_ready', { internal: 'no epoch' });
  if (refs.length > 1) await joinEpochs(consumer, refs, identity.scheme);
  return current;
}

async function joinEpochs(consumer: Consumer, refs: readonly string[], scheme: string): Promise<void> {
  const known = await refsOf(consumer.db, refs[0] ?? '');
  if (refs.every((ref) => known.includes(ref))) return;
  await withReceipts(consumer.db, async (trx, stage) => {
    const sides = [...new Map((await lockWholeSubjects(trx, refs)).map((side) => [side[0], side])).values()];
    if (sides.length === 1) return;
    const linked_ms = consumer.clock.now();
    const identities = refs.map((subject_ref) => ({ subject_ref, scheme, linked_ms }));
    await joinSubjects(consumer, trx, stage, { sides, identities });
  });
  // A crash after the commit loses nothing: the references are linked, and a freeze is sent by the sweeper.
}
