import { createHmac, hkdfSync } from 'node:crypto';
import type { Random } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { normaliseIdentifier, subjectInput, type Identifier } from '@causeway/records';
import { open, seal } from '@causeway/service';
import type { Kysely } from 'kysely';
import type { ConsumerTables } from '../tables.ts';
import { cachedReference, cacheReference } from './repository.ts';

/** Computes an identity's reference with the authority's blind help; the authority learns nothing of it. */
export type ReferenceSource = (input: Uint8Array) => Promise<string>;

export interface SubjectReferences {
  /**
   * The reference of a verified identity. Throws `token_invalid` where the number itself is not valid, and
   * what the source throws where it has to be asked.
   */
  of(identity: { scheme: string; value: string }): Promise<string>;
}

/**
 * References, each computed once and then kept sealed under the node's key: a copy of the table turns no
 * reference into a number and no number into a reference.
 */
export function subjectReferences(options: {
  db: Kysely<ConsumerTables>;
  sealing: Uint8Array;
  random: Random;
  source: ReferenceSource;
}): SubjectReferences {
  const { db, sealing, random, source } = options;
  const identityKey = new Uint8Array(hkdfSync('sha256', sealing, '', 'subject reference cache', 32));
  return {
    of: async (identity) => {
      const input = subjectInput(validIdentifier(identity));
      const name = createHmac('sha256', identityKey).update(input).digest('base64url');
      const box = await cachedReference(db, name);
      if (box) return open(sealing, box, `reference:${name}`).toString();
      const reference = await source(input);
      await cacheReference(db, name, seal(sealing, Buffer.from(reference), `reference:${name}`, random));
      return reference;
    },
  };
}

function validIdentifier({ scheme, value }: { scheme: string; value: string }): Identifier {
  try {
    return normaliseIdentifier(scheme, value);
  } catch (cause) {
    throw new CausewayError('token_invalid', { detail: 'The identity is not a valid number.', cause });
  }
}
