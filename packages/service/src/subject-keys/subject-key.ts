import type { Random } from '@causeway/kernel';

import { openUnder, sealUnder } from '../sealing.ts';

/**
 * The data key of one subject at this node, from the first thing that is kept about them until their erasure:
 * whoever comes again after it has another life and another key.
 */
export interface SubjectKey {
  /** UUID; names nobody. */
  readonly life: string;
  /** 32 bytes. Never logged, never sent. */
  readonly bytes: Uint8Array;
}

/** The life is part of what a box is bound to: no box of the node's own key is taken for one of a subject. */
const placeIn = (life: string, aad: string): string => `subject ${life}/${aad}`;

/** Seals a payload under its subject's key: with the key goes all that was sealed under it. */
export function sealFor(key: SubjectKey, text: string | Uint8Array, aad: string, random: Random): Buffer {
  const plain = typeof text === 'string' ? Buffer.from(text) : text;
  return sealUnder(key.bytes, plain, placeIn(key.life, aad), random);
}

/** The payload of `sealFor`. @throws CausewayError internal: of another life or place, or changed bytes */
export function openFor(key: SubjectKey, box: Uint8Array, aad: string): Buffer {
  return openUnder(key.bytes, box, placeIn(key.life, aad));
}
