import type { StageLeaf } from '@causeway/member';
import { CausewayError, epochOf } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import { widenErasures } from '../erasures/widen.ts';
import { freezesOf, liftFreeze, placeFreeze } from '../freezes/repository.ts';
import { isRestriction, setRestricts } from '../freezes/restriction.ts';
import { recordStop } from '../stops/record-stop.ts';
import { nextSequence, type StopKey } from '../stops/repository.ts';
import type { ConsumerTables } from '../tables.ts';
import { identitiesOf, linkAll, type LinkedIdentity } from './repository.ts';

/** References that one status can name. */
const refsMax = 16;

/** Subjects that turned out to be one. */
export interface Joining {
  /** All references of each of them, no reference twice. */
  readonly sides: readonly (readonly string[])[];
  /** Those of the references that are linked for the first time. */
  readonly identities: readonly LinkedIdentity[];
}

/**
 * Makes them one subject: consents, stops and history are common from the commit on, and a freeze of any side
 * covers all. Its stop is returned, for the caller or the sweeper to send. With the exclusive locks of all
 * references.
 * @throws CausewayError conflict where they cannot be one person
 */
export async function joinSubjects(
  consumer: Consumer,
  trx: Transaction<ConsumerTables>,
  stage: StageLeaf,
  { identities: named, sides }: Joining,
): Promise<{ refs: string[]; stop: StopKey | undefined }> {
  const refs = await inOrder(trx, sides);
  const identities = together(await identitiesOf(trx, refs), named);
  checkOnePerson(identities);
  await linkAll(trx, refs[0] ?? '', identities);
  return { refs, stop: await freezeAll(consumer, trx, stage, refs) };
}

function together(linked: readonly LinkedIdentity[], named: readonly LinkedIdentity[]): LinkedIdentity[] {
  return [...new Map([...named, ...linked].map((one) => [one.subject_ref, one])).values()];
}

/**
 * @throws CausewayError conflict: a person has one resident number, which is one reference in each epoch, and
 *   a status names so many references
 */
function checkOnePerson(identities: readonly LinkedIdentity[]): void {
  const resident = identities.filter(({ scheme }) => scheme === 'gb11643');
  const epochs = new Set(resident.map(({ subject_ref }) => epochOf(subject_ref)));
  if (resident.length > epochs.size) {
    throw new CausewayError('conflict', { detail: 'Two resident numbers are two persons.' });
  }
  if (identities.length > refsMax) {
    throw new CausewayError('conflict', { detail: `A subject has at most ${refsMax} references.` });
  }
}

/**
 * All references, beginning with the first one of the side that has stopped most often: its numbers go on
 * without a gap, and they are higher than any that a node has seen for the other sides.
 */
async function inOrder(
  trx: Transaction<ConsumerTables>,
  sides: readonly (readonly string[])[],
): Promise<string[]> {
  const numbered: { side: readonly string[]; next: number }[] = [];
  for (const side of sides) numbered.push({ side, next: await nextSequence(trx, side) });
  return numbered.toSorted((a, b) => b.next - a.next).flatMap(({ side }) => side);
}

/** The oldest standing freeze of any side becomes the one of all; undefined where none stands. */
async function freezeAll(
  consumer: Consumer,
  trx: Transaction<ConsumerTables>,
  stage: StageLeaf,
  refs: readonly string[],
): Promise<StopKey | undefined> {
  const standing = (await freezesOf(trx, refs)).filter(({ lifted_ms }) => lifted_ms === null);
  const oldest = standing.at(-1);
  if (!oldest) return undefined;
  const { id, placed_ms } = oldest;
  const superseded = new Set(standing.map((row) => row.id).filter((one) => one !== id));
  await placeFreeze(trx, refs, { id, placed_ms });
  for (const one of superseded) await liftFreeze(trx, refs, one, consumer.clock.now());
  const stop = { refs, action: 'freeze', of: { freeze: id } } as const;
  if (!standing.some(isRestriction)) return await recordStop(consumer, trx, stage, stop);
  await setRestricts(trx, refs, id, true);
  await widenErasures(trx, refs, { freeze_id: id, nowMs: consumer.clock.now() });
  return await recordStop(consumer, trx, stage, { ...stop, restricts: true });
}
