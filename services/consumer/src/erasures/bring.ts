import { seconds } from '@causeway/kernel';
import { withReceipts } from '@causeway/member';
import {
  CausewayError,
  readUnverified,
  sign,
  verify,
  type Digest,
  type Erasure,
  type ErrorCode,
} from '@causeway/protocol';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { inLanes } from '../lanes.ts';
import { everyNode } from '../stops/every-node.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { ErasureRow } from '../tables.ts';
import {
  holdBack,
  insertDelivery,
  keepStatement,
  postpone,
  recordErased,
  takeDeliveries,
  type Delivery,
} from './deliveries.ts';
import { endErasures } from './end.ts';
import { dueMsOf, keptOf } from './kept.ts';
import { dueErasures, standingErasure, updateErasure } from './repository.ts';
import { restrictionAt, tellAgain, tellEveryNode } from './restriction.ts';

/** A node that was away for years still takes it. */
const statementLife = 10 * 366 * 86_400;
const atOnceMax = 16;
const timeoutMs = 4000;
/** Attempts after which an operator is told: a quarter of an hour, about. */
const alarmAfter = 10;
/** Longer than a call that tells a node of a stop or a dispute. */
const underWayMs = 6000;
const dayMs = 86_400_000;
const answer = Type.Object({ ack: Type.String() }, { additionalProperties: false });

/**
 * Begins the erasures whose time has come, brings them to the nodes, and ends here those that all nodes have
 * acknowledged. Run by a timer in every process; each step may be done twice or by another process.
 */
export async function bringErasures(consumer: Consumer): Promise<void> {
  const nowMs = consumer.clock.now();
  // Nodes count from when they acknowledged the restriction. Who did so within a day is not asked too early.
  for (const row of await dueErasures(consumer.db, nowMs - dayMs, atOnceMax)) await begin(consumer, row);
  await inLanes(
    await takeDeliveries(consumer.db, nowMs, atOnceMax),
    async (each) => await bring(consumer, each),
  );
  await endErasures(consumer);
}

/** Counts once more, as something may have come that is kept longer; then it is due at each node. */
async function begin(consumer: Consumer, { id, refs }: ErasureRow): Promise<void> {
  const nodes = everyNode(consumer);
  if (nodes === undefined) return;
  await withReceipts(consumer.db, async (trx, stage) => {
    const all = [...new Set([...(await lockWholeSubject(trx, refs[0] ?? '')), ...refs])];
    const row = await standingErasure(trx, all);
    if (row?.id !== id || row.state !== 'restricted') return;
    const due_ms = dueMsOf(await keptOf(trx, all, row.asked_ms));
    const at_ms = consumer.clock.now();
    if (due_ms > at_ms - dayMs) return await updateErasure(trx, id, { due_ms });
    const stop = await tellEveryNode(consumer, { trx, stage }, { ...row, refs: all }, nodes);
    const next_ms = (await holdBack(trx, all, stop)) ? at_ms + underWayMs : at_ms;
    for (const node of nodes) await insertDelivery(trx, { erasure: id, node, next_ms });
    await updateErasure(trx, id, { refs: all, state: 'erasing' });
  });
  // A crash here leaves deliveries that are due: whoever lives sends them.
}

async function bring(consumer: Consumer, delivery: Delivery): Promise<void> {
  const { node } = delivery;
  const { clock, db } = consumer;
  const held = await restrictionAt(db, delivery, node);
  // Who was away, or has joined since, is told of the restriction first: it counts from its own ack.
  if (held?.digest === undefined) return tell(consumer, delivery, 'not_restricted');
  const signed = await statementFor(consumer, delivery, held.digest);
  const code = await send(consumer, delivery, signed);
  if (code === undefined) return;
  tell(consumer, delivery, code);
  // It has lost it, in a restored backup perhaps, or says that the restriction was lifted since.
  if (code === 'not_restricted') await tellAgain(db, held, clock.now());
  if (code === 'retention_not_over') await postpone(db, delivery, clock.now() + dayMs);
}

function tell({ log }: Consumer, { attempts, node }: Delivery, code: ErrorCode): void {
  const alarm = attempts > alarmAfter;
  log.warn({ event: 'erasure_not_acknowledged', node, code, attempts, alarm });
}

interface Sent {
  readonly digest: Digest;
  readonly statement: string;
}

/** The statement for a node: signed once for each version of the restriction that it has acknowledged. */
async function statementFor(consumer: Consumer, delivery: Delivery, restriction: Digest): Promise<Sent> {
  const { digest: known, node, refs, statement } = delivery;
  if (known !== null && statement !== null) {
    const said = readUnverified(statement).claims as Erasure;
    if (said.restriction === restriction) return { digest: known, statement };
  }
  const iat = seconds(consumer.clock);
  const claims = { aud: node, iat, exp: iat + statementLife, subject_refs: [...refs], restriction };
  const { digest, jws } = sign('erasure', claims, consumer);
  await withReceipts(consumer.db, async (trx, stage) => {
    await keepStatement(trx, delivery, { digest, statement: jws });
    const about = { typ: 'erasure', digest, inquiry: null, use: null, outcome: null };
    await stage(digest, { ...about, iss: consumer.key.member, aud: node, at_ms: consumer.clock.now() });
  });
  // A crash here: it is sent when it is due again.
  return { digest, statement: jws };
}

/** Why the node has not acknowledged; undefined once it has. */
async function send(
  consumer: Consumer,
  delivery: Delivery,
  { digest, statement }: Sent,
): Promise<ErrorCode | undefined> {
  const { clock, db, federation, fed, key } = consumer;
  const { node } = delivery;
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
    await recordErased(db, delivery, { digest, statement, ack, acked_ms: clock.now() });
    return undefined;
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    return error.code;
  }
}
