import { withReceipts } from '@causeway/member';
import {
  CausewayError,
  digestOf,
  isOpening,
  readUnverified,
  verify,
  type Ack,
  type Status,
} from '@causeway/protocol';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { signStatus, stageStatus } from './record-stop.ts';
import { addStatement, findStop, recordAck, type DeliveryOut } from './repository.ts';

const answer = Type.Object({ ack: Type.String() }, { additionalProperties: false });

/** The node says that this statement came too late, or not to it: it has no record of it. */
const stale = new Set<unknown>(['time_window', 'expired', 'audience_mismatch']);
/** Statements that one attempt may offer. */
const offersMax = 6;

/**
 * Offers a stop to a node, once, and records its ack. A status is judged by its age where it is first
 * received; so one that comes too late is signed anew for this node, under the same sequence. Of several
 * versions a node takes one, whichever came in time: it says so by `once_conflict` to the others. Returns
 * whether the node has acknowledged; it never throws for what is wrong with the node.
 */
export async function sendStatus(consumer: Consumer, to: DeliveryOut, timeoutMs: number): Promise<boolean> {
  const stop = await findStop(consumer.db, to);
  if (stop === undefined) throw new CausewayError('internal', { internal: 'a delivery without its stop' });
  const versions = [stop.statement, ...to.statements];
  let at = versions.length - 1;
  for (let offers = 0; offers < offersMax; offers += 1) {
    const jws = versions[at] ?? stop.statement;
    const came = await offer(consumer, to.node, jws, timeoutMs);
    if ('ack' in came) {
      await consumer.faults.at('ack-received');
      // A crash here: the stop is sent again, and the node answers with the same ack.
      const acked = { ack: came.ack, tree_size: came.claims.tree_size, acked_ms: consumer.clock.now() };
      await recordAck(consumer.db, to, acked);
      return true;
    }
    if (stale.has(came.code)) {
      versions.push(await signAnew(consumer, to, stop.statement));
      at = versions.length - 1;
    } else if (came.code === 'once_conflict' && at > 0) {
      at -= 1;
    } else {
      consumer.log.warn({ event: 'status_not_acknowledged', node: to.node, code: came.code });
      return false;
    }
  }
  return false;
}

type Came = { readonly ack: string; readonly claims: Ack } | { readonly code: string };

async function offer(consumer: Consumer, node: string, status: string, timeoutMs: number): Promise<Came> {
  try {
    const { ack } = await consumer.federation.call({
      ...{ member: node, method: 'POST', path: '/v1/status', body: { status }, schema: answer, timeoutMs },
    });
    return { ack, claims: checkAck(consumer, node, status, ack) };
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    return { code: error.code };
  }
}

/** An ack of this node for this very status. A repeated one is as old as the first answer. */
function checkAck(consumer: Consumer, node: string, status: string, jws: string): Ack {
  const { clock, fed, key } = consumer;
  const { keys } = consumer.directory();
  const { claims } = verify('ack', jws, {
    ...{ keys, fed, nowMs: clock.now(), audience: key.member, issuer: node, received: 'forwarded' },
  });
  if (claims.status !== digestOf(status)) throw new CausewayError('link_mismatch', { pointer: '/status' });
  return claims;
}

async function signAnew(consumer: Consumer, to: DeliveryOut, original: string): Promise<string> {
  const { action, consent, restricts, sequence, subject_refs } = readUnverified(original).claims as Status;
  if (isOpening(action)) throw new CausewayError('internal', { internal: 'a receipt is sent to nobody' });
  const signed = signStatus(consumer, {
    ...{ action, sequence, subject_refs, aud: [to.node], ...(consent === undefined ? {} : { consent }) },
    ...(restricts === undefined ? {} : { restricts }),
  });
  await withReceipts(consumer.db, async (trx, stage) => {
    await addStatement(trx, to, signed.jws);
    await stageStatus(consumer, stage, signed);
  });
  // A crash here leaves a version that nobody was sent; the next attempt offers it first.
  return signed.jws;
}
