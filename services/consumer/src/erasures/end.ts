import { burySubject, lockSubjectsExclusive } from '@causeway/member';
import { transaction } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { ErasureRow } from '../tables.ts';
import { keepProofs } from './deliveries.ts';
import { acknowledgedErasures, standingErasure } from './repository.ts';

const atOnceMax = 16;

/** Ends here the erasures that every node has acknowledged. */
export async function endErasures(consumer: Consumer): Promise<void> {
  for (const row of await acknowledgedErasures(consumer.db, atOnceMax)) await end(consumer, row);
}

/** The own key and rows last, so that until then the person sees who is waited for. */
async function end(consumer: Consumer, { id, refs }: ErasureRow): Promise<void> {
  const { db, faults, subjectKeys } = consumer;
  const { all, nodes } = await transaction(db, async (trx) => {
    const proofs = await keepProofs(trx, id);
    return { all: [...new Set([...(await lockWholeSubject(trx, refs[0] ?? '')), ...refs])], nodes: proofs };
  });
  for (const [n, ref] of all.entries()) await subjectKeys.destroy(ref, { erasure: id, n });
  // A crash here leaves rows that do not open any more; the next round, or the next start, deletes them.
  await faults.at('keys-destroyed');
  await transaction(db, async (trx) => {
    await lockSubjectsExclusive(trx, all);
    // Another process may have ended it, and the person begun anew since.
    if ((await standingErasure(trx, refs))?.id !== id) return;
    for (const ref of all) await burySubject(trx, { ref, subject: subjectKeys.handleOf(ref) });
  });
  // A crash here: all is gone already.
  await faults.at('rows-deleted');
  consumer.log.info({ event: 'subject_erased', erasure: id, nodes });
}
