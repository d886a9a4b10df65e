import { seconds } from '@causeway/kernel';
import { burySubject, lockSubjectsExclusive, withReceipts } from '@causeway/member';
import { CausewayError, sign, verify, type Signed } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { inLanes } from '../lanes.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { ErasureRow } from '../tables.ts';
import {
  deliveriesOf,
  holdBack,
  insertDelivery,
  keepProofs,
  recordErased,
  takeDeliveries,
  type Delivery,
} from './deliveries.ts';
import { dueMsOf, keptOf } from './kept.ts';
import { dueErasures, standingErasure, updateErasure } from './repository.ts';

/** A node that was away for years still takes it. */
const statementLife = 10 * 366 * 86_400;
const atOnceMax = 16;
const timeoutMs = 4000;
/** Attempts after which an operator is told: a quarter of an hour, about. */
const alarmAfter = 10;
/** Longer than a call that tells a node of a stop or a dispute. */
const underWayMs = 6000;
const answer = Type.Object({ ack: Type.String() }, { additionalProperties: false });

/**
 * Begins the erasures whose time has come, brings them to the nodes, and ends here those that all nodes have
 * acknowledged. Run by a timer in every process; each step may be done twice or by another process.
 */
export async function bringErasures(consumer: Consumer): Promise<void> {
  const nowMs = consumer.clock.now();
  for (const row of await dueErasures(consumer.db, 'restricted', nowMs, atOnceMax))
    await begin(consumer, row);
  await inLanes(
    await takeDeliveries(consumer.db, nowMs, atOnceMax),
    async (each) => await bring(consumer, each),
  );
  for (const row of await dueErasures(consumer.db, 'erasing', nowMs, atOnceMax)) await end(consumer, row);
}

/** Counts once more, as something may have come that is kept longer; then signs the erasure for each node. */
async function begin(consumer: Consumer, { id, refs }: ErasureRow): Promise<void> {
  const nodes = nodesOf(consumer);
  if (nodes === undefined) return;
  await withReceipts(consumer.db, async (trx, stage) => {
    const all = [...new Set([...(await lockWholeSubject(trx, refs[0] ?? '')), ...refs])];
    const row = await standingErasure(trx, all);
    if (row?.id !== id || row.state !== 'restricted') return;
    const due_ms = dueMsOf(await keptOf(trx, all, row.asked_ms));
    const at_ms = consumer.clock.now();
    if (due_ms > at_ms) return await updateErasure(trx, id, { due_ms });
    const next_ms = (await holdBack(trx, all)) ? at_ms + underWayMs : at_ms;
    for (const node of nodes) {
      const signed = signErasure(consumer, node, all);
      const { digest, jws: statement } = signed;
      await insertDelivery(trx, { erasure: id, node, digest, statement, next_ms });
      const about = { typ: 'erasure', digest, inquiry: null, use: null, outcome: null };
      await stage(digest, { ...about, iss: consumer.key.member, aud: node, at_ms });
    }
    await updateErasure(trx, id, { state: 'erasing' });
  });
  // A crash here leaves deliveries that are due: whoever lives sends them.
}

/** Every node that may hold something, suspended ones too; undefined without a directory. */
function nodesOf({ directory }: Consumer): string[] | undefined {
  try {
    const view = directory();
    const nodes = [...view.membersWith('broker'), ...view.membersWith('bureau')];
    return [...new Set(nodes.map(({ id }) => id))].toSorted();
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'not_ready') return undefined;
    throw error;
  }
}

function signErasure(consumer: Consumer, aud: string, refs: readonly string[]): Signed<'erasure'> {
  const iat = seconds(consumer.clock);
  return sign('erasure', { aud, iat, exp: iat + statementLife, subject_refs: [...refs] }, consumer);
}

async function bring(consumer: Consumer, delivery: Delivery): Promise<void> {
  const { attempts, digest, node, statement } = delivery;
  const { clock, db, federation, fed, key, log } = consumer;
  try {
    const { ack } = await federation.call({
      ...{ member: node, method: 'POST', path: '/v1/erasures', schema: answer, timeoutMs },
      body: { erasure: statement },
    });
    const { keys } = consumer.directory();
    const context = { keys, fed, nowMs: clock.now(), audience: key.member, issuer: node };
    const { claims } = verify('ack', ack, { ...context, received: 'forwarded' });
    if (claims.status !== digest) throw new CausewayError('link_mismatch', { pointer: '/status' });
    // A crash here: it is sent again, and the node answers with the same ack.
    await recordErased(db, delivery, { ack, acked_ms: clock.now() });
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    const alarm = attempts > alarmAfter;
    log.warn({ event: 'erasure_not_acknowledged', node, code: error.code, attempts, alarm });
  }
}

/** The own key and rows last, so that until then the person sees who is waited for. */
async function end(consumer: Consumer, { id, refs }: ErasureRow): Promise<void> {
  const { db, faults, subjectKeys } = consumer;
  const deliveries = await deliveriesOf(db, id);
  if (deliveries.some(({ acked_ms }) => acked_ms === null)) return;
  const all = await transaction(db, async (trx) => {
    await keepProofs(trx, id);
    return [...new Set([...(await lockWholeSubject(trx, refs[0] ?? '')), ...refs])];
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
  consumer.log.info({ event: 'subject_erased', erasure: id, nodes: deliveries.length });
}
