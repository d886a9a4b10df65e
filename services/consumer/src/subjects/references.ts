import { createHmac, hkdfSync } from 'node:crypto';
import type { Random } from '@causeway/kernel';
import type { BlindReferences } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import { normaliseIdentifier, subjectInput, type Identifier } from '@causeway/records';
import { GroupCommit, open, seal, type SubjectKeys } from '@causeway/service';
import type { Kysely } from 'kysely';
import type { ConsumerTables } from '../tables.ts';
import { cachedReference, cacheReference } from './repository.ts';

/** A verified number, and of what kind it is. */
export interface Identity {
  readonly scheme: string;
  readonly value: string;
}

export interface SubjectReferences {
  /**
   * The references of a verified identity in every epoch that is published, the current one first. Throws
   * `token_invalid` where the number itself is not valid, and what the source throws where it has to be
   * asked.
   */
  all(identity: Identity): Promise<string[]>;
}

/** Identities whose references one call to the authority brings. */
const atOnceMax = 64;
const waitingMax = 4096;

/**
 * References, each computed once and then kept sealed under the node's key: a copy of the table turns no
 * reference into a number and no number into a reference. What is asked for at the same time is asked of the
 * authority together: each call holds a place of the curve thread, which has few. A row has the handle of its
 * reference too, by which an erasure finds it.
 */
export function subjectReferences(options: {
  db: Kysely<ConsumerTables>;
  sealing: Uint8Array;
  random: Random;
  source: BlindReferences;
  subjectKeys: Pick<SubjectKeys, 'handleOf'>;
}): SubjectReferences {
  const { db, sealing, random, source, subjectKeys } = options;
  const identityKey = new Uint8Array(hkdfSync('sha256', sealing, '', 'subject reference cache', 32));
  const batches = new Map<string, GroupCommit<Uint8Array, string>>();
  const inBatch = (epoch: string): GroupCommit<Uint8Array, string> => {
    const batch = batches.get(epoch) ?? batchIn(source, epoch);
    batches.set(epoch, batch);
    return batch;
  };
  const inEpoch = async (input: Uint8Array, epoch: string): Promise<string> => {
    const name = createHmac('sha256', identityKey).update(`${epoch}:`).update(input).digest('base64url');
    const box = await cachedReference(db, name);
    if (box) return open(sealing, box, `reference:${name}`).toString();
    const reference = await inBatch(epoch).submit(input);
    const sealed = seal(sealing, Buffer.from(reference), `reference:${name}`, random);
    await cacheReference(db, name, sealed, subjectKeys.handleOf(reference));
    return reference;
  };
  const all = async (identity: Identity): Promise<string[]> => {
    const input = subjectInput(validIdentifier(identity));
    return await source.inEachEpoch(async (epoch) => await inEpoch(input, epoch));
  };
  return { all };
}

/** In one epoch: what comes while a batch is under way makes the next one. */
function batchIn(source: BlindReferences, epoch: string): GroupCommit<Uint8Array, string> {
  return new GroupCommit<Uint8Array, string>({
    ...{ itemsMax: atOnceMax, waitingMax, isCommon },
    run: async (inputs) => {
      const references = await source.derive(inputs, epoch);
      return inputs.map((_, at) => {
        const value = references[at];
        return value === undefined
          ? { error: new CausewayError('unavailable', { internal: 'no evaluation' }) }
          : { value };
      });
    },
  });
}

/** Not the fault of any identity: it would be the same for each alone. */
const isCommon = (error: unknown): boolean =>
  error instanceof CausewayError && (error.code === 'unavailable' || error.code === 'not_ready');

function validIdentifier({ scheme, value }: Identity): Identifier {
  try {
    return normaliseIdentifier(scheme, value);
  } catch (cause) {
    throw new CausewayError('token_invalid', { detail: 'The identity is not a valid number.', cause });
  }
}
