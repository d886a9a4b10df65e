import type { Clock, Faults, Random } from '@causeway/kernel';
import { seconds } from '@causeway/kernel';
import { sign, verify } from '@causeway/protocol';
import type { DirectoryView, Erasure, SignsWith, Verified } from '@causeway/protocol';
import { transaction, type Log, type SubjectKeys } from '@causeway/service';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

import { stageLeaf } from '../leaves.ts';
import type { Sequencer } from '../sequencer.ts';
import { lockSubjectsExclusive } from '../status-lock.ts';
import { buryEnded } from './bury-subject.ts';
import { requireOver, type KeptHere } from './restriction.ts';

interface Parts<DB> {
  readonly fed: string;
  readonly key: SignsWith;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
  readonly log: Log;
  readonly db: Kysely<DB>;
  readonly keys: Pick<SubjectKeys, 'begun' | 'destroy' | 'handleOf' | 'lives'>;
  readonly keptHere: KeptHere<DB>;
  readonly directory: { view(): DirectoryView };
  readonly sequencer: Pick<Sequencer, 'placeStaged'>;
}

/** An ack is proof that the key is destroyed: it is shown again to whoever sends the statement again. */
const ackLife = 10 * 366 * 86_400;

/**
 * Takes an erasure of a subject whom this node has itself seen restricted for as long as it must keep what it
 * holds: destroys the key of each reference, deletes their rows, and answers with a signed ack. The same one
 * again brings the recorded ack and destroys nothing that has begun since. One that is refused leaves nothing
 * but an alarm.
 * @throws CausewayError not_restricted, retention_not_over, and as `verify`
 */
export async function takeErasure<DB>(parts: Parts<DB>, jws: string, peer: string): Promise<string> {
  const { clock, db, directory, fed, key } = parts;
  const context = {
    keys: directory.view().keys,
    fed,
    nowMs: clock.now(),
    audience: key.member,
    issuer: peer,
  };
  const erasure = verify('erasure', jws, { ...context, received: 'forwarded' });
  const known = await findAck(db, erasure.digest);
  if (known !== undefined) return known;
  await erase(parts, erasure);
  return await acknowledge(parts, erasure, await parts.sequencer.placeStaged());
}

/** Keys first: from then on nothing that lies anywhere opens, whatever happens to the rows. */
async function erase<DB>(parts: Parts<DB>, { claims, digest }: Verified<Erasure>): Promise<void> {
  const { db, faults, keys } = parts;
  const { subject_refs: refs } = claims;
  await transaction(db, async (trx) => {
    // Held until the keys are gone: nothing lifts the restriction in between.
    await lockSubjectsExclusive(trx, refs);
    // One that was obeyed before goes on: what allowed it may have gone with the rows.
    if (!(await keys.begun(digest))) await requireOver(parts, trx, claims);
    // A crash among these leaves an erasure that has begun: the sender, who has no ack, sends again.
    for (const [n, ref] of refs.entries()) await keys.destroy(ref, { erasure: digest, n });
  });
  // A crash here leaves rows whose key is gone: the sweep of the next start deletes them, and the sender, who
  // has no ack, sends again.
  await faults.at('keys-destroyed');
  await transaction(db, async (trx) => {
    await lockSubjectsExclusive(trx, refs);
    for (const ref of refs) await buryEnded(trx, keys, { ref, subject: keys.handleOf(ref) });
  });
  // A crash here leaves an erasure without its ack: the sender sends again.
  await faults.at('rows-deleted');
}

async function acknowledge<DB>(
  parts: Parts<DB>,
  { claims, digest }: Verified<Erasure>,
  treeSize: number,
): Promise<string> {
  const { clock, db, key } = parts;
  const exp = seconds(clock) + ackLife;
  const ack = sign('ack', { aud: claims.iss, exp, status: digest, tree_size: treeSize }, parts);
  return await transaction(db, async (trx) => {
    await sql`INSERT INTO received_erasure (digest, ack) VALUES (${digest}, ${ack.jws})
      ON CONFLICT DO NOTHING`.execute(trx);
    const recorded = (await findAck(trx, digest)) ?? ack.jws;
    // Two at once: the first one's ack is the one, and the other's was never sent.
    if (recorded !== ack.jws) return recorded;
    const parties = { iss: key.member, aud: claims.iss, at_ms: clock.now() };
    const about = { typ: 'ack', digest: ack.digest, inquiry: null, use: null, outcome: 'erased' };
    await stageLeaf(trx, digest, { ...about, ...parties });
    // A crash after the commit loses only the answer: the sender sends again and gets this one.
    return recorded;
  });
}

async function findAck<DB>(db: Kysely<DB>, digest: string): Promise<string | undefined> {
  const { rows } = await sql<{ ack: string }>`
    SELECT ack FROM received_erasure WHERE digest = ${digest}`.execute(db);
  return rows[0]?.ack;
}
