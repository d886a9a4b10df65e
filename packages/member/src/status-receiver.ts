import type { Clock, Faults, Random } from '@causeway/kernel';
import { CausewayError, digestOf, sign, verify } from '@causeway/protocol';
import type { DirectoryView, SignsWith, Status, Verified } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import type { Kysely, Transaction } from 'kysely';

import type { DirectoryClient } from './directory-client.ts';
import { stageLeaf } from './leaves.ts';
import type { Sequencer } from './sequencer.ts';
import { lockSubjectsExclusive, memberKey } from './status-lock.ts';
import { applyStatus, findAck, receiveStatus, recordAck } from './status-store.ts';
import type { AckOf, ReceivedStatus } from './status-store.ts';

interface Parts<DB> {
  readonly fed: string;
  readonly key: SignsWith;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
  readonly db: Kysely<DB>;
  readonly directory: Pick<DirectoryClient, 'view' | 'take'>;
  readonly sequencer: Pick<Sequencer, 'placeStaged'>;
}

/** Takes stops, and answers each with a signed ack: from this size of my tree on, nothing more. */
export interface StatusReceiver {
  /**
   * A status of the consumer service, sent by itself. The same one again brings the recorded ack.
   * @throws CausewayError once_conflict, time_window for one that is late and not known, and as `verify`
   */
  takeStatus(jws: string, peer: string): Promise<string>;
  /**
   * A head of the directory, sent by the authority because it takes rights away.
   * @throws CausewayError as `DirectoryClient.take`
   */
  takeDirectory(head: string, peer: string): Promise<string>;
}

/** An ack is shown again to whoever sends its status again, for so long. Seconds. */
const ackLife = 30 * 86_400;

/**
 * The receiving side of the status barrier, the same in every node: under the exclusive locks, which the
 * releases under way leave first, the stop is recorded; then every leaf committed until then is placed.
 */
export function createStatusReceiver<DB>(parts: Parts<DB>): StatusReceiver {
  const { db, directory, faults } = parts;
  const acknowledge = async (of: AckOf, aud: string): Promise<string> => {
    await faults.at('status-applied');
    // A crash here leaves a stop that holds and has no ack: its sender sends it again.
    return await signAck(parts, of, aud, await parts.sequencer.placeStaged());
  };
  return {
    takeStatus: async (jws, peer) => {
      const { status, late } = verifyStatus(parts, jws, peer);
      const { iss, sequence, subject_refs } = status.claims;
      const of = { subjectRef: subject_refs[0] ?? '', iss, sequence, digest: status.digest };
      const known = await findAck(db, of);
      if (known === undefined && late !== undefined) throw late;
      if (typeof known === 'string') return known;
      await transaction(db, async (trx) => await record(trx, status, of, parts.clock.now()));
      return await acknowledge(of, iss);
    },
    takeDirectory: async (head, peer) => {
      const view = await directory.take(head);
      const of = { head: digestOf(head) };
      const known = await findAck(db, of);
      if (typeof known === 'string') return known;
      await drainMembers(db, view);
      return await acknowledge(of, peer);
    },
  };
}

/**
 * The status, and the reason why it counts only if it has been received before: what is judged by its age is
 * the first receipt.
 */
function verifyStatus<DB>(
  { clock, directory, fed, key }: Parts<DB>,
  jws: string,
  issuer: string,
): { status: Verified<Status>; late?: CausewayError } {
  const { keys } = directory.view();
  const context = { keys, fed, nowMs: clock.now(), audience: key.member, issuer };
  try {
    return { status: verify('status', jws, { ...context, received: 'first' }) };
  } catch (error) {
    if (!(error instanceof CausewayError) || !['time_window', 'expired'].includes(error.code)) throw error;
    return { status: verify('status', jws, { ...context, received: 'archived' }), late: error };
  }
}

async function record<DB>(
  trx: Transaction<DB>,
  { claims, digest }: Verified<Status>,
  of: ReceivedStatus,
  nowMs: number,
): Promise<void> {
  await lockSubjectsExclusive(trx, claims.subject_refs);
  if (await receiveStatus(trx, of)) await applyStatus(trx, claims, { digest, nowMs });
}

const membersAtOnceMax = 256;

/**
 * Waits until nobody works any more for a member that this directory suspends or has taken a key from: who
 * begins later finds this version in the database.
 */
async function drainMembers<DB>(db: Kysely<DB>, view: DirectoryView): Promise<void> {
  const lenders = view.membersWith('lender');
  const stopped = lenders.filter(
    ({ keys, status }) => status !== 'active' || keys.some((key) => key.revoked_at !== undefined),
  );
  const locks = stopped.map(({ id }) => memberKey(id));
  for (let at = 0; at < locks.length; at += membersAtOnceMax) {
    await transaction(
      db,
      async (trx) => await lockSubjectsExclusive(trx, locks.slice(at, at + membersAtOnceMax)),
    );
  }
}

async function signAck<DB>(parts: Parts<DB>, of: AckOf, aud: string, treeSize: number): Promise<string> {
  const { clock, db, key } = parts;
  const status = 'head' in of ? of.head : of.digest;
  const exp = Math.floor(clock.now() / 1000) + ackLife;
  const ack = sign('ack', { aud, exp, status, tree_size: treeSize }, parts);
  return await transaction(db, async (trx) => {
    const recorded = await recordAck(trx, of, ack.jws);
    // Two at once: the first one's ack is the one, and the other's was never sent.
    if (recorded !== ack.jws) return recorded;
    const at_ms = clock.now();
    const parties = { iss: key.member, aud, at_ms };
    const opening = { typ: 'ack', digest: ack.digest, inquiry: null, use: null, ...parties, outcome: null };
    await stageLeaf(trx, status, opening);
    // A crash after the commit loses only the answer: the sender sends again and gets this one.
    return recorded;
  });
}
