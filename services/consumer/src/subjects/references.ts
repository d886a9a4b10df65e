import { createHmac, hkdfSync } from 'node:crypto';
import type { Random } from '@causeway/kernel';
import type { BlindReferences } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import { normaliseIdentifier, subjectInput, type Identifier } from '@causeway/records';
import { open, seal, type SubjectKeys } from '@causeway/service';
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

/**
 * References, each computed once and then kept sealed under the node's key: a copy of the table turns no
 * reference into a number and no number into a reference. A row has the handle
 * of its reference too, by which an erasure finds it.
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
  const inEpoch = async (input: Uint8Array, epoch: string): Promise<string> => {
    const name = createHmac('sha256', identityKey).update(`${epoch}:`).update(input).digest('base64url');
    const box = await cachedReference(db, name);
    if (box) return open(sealing, box, `reference:${name}`).toString();
    const [reference] = await source.derive([input], epoch);
    if (reference === undefined) throw new CausewayError('unavailable', { internal: 'no evaluation' });
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

function validIdentifier({ scheme, value }: Identity): Identifier {
  try {
    return normaliseIdentifier(scheme, value);
  } catch (cause) {
    throw new CausewayError('token_invalid', { detail: 'The identity is not a valid number.', cause });
  }
}
