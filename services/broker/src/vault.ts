import type { Random } from '@causeway/kernel';
import { openFor, openUnder, sealFor, sealUnder, type SubjectKey } from '@causeway/service';

/** The open data key of one inquiry. */
export interface InquirySeal {
  /** The life of the subject under whose key it lies. */
  readonly life: string;
  /** The key, wrapped by the subject's key: what the inquiry's row keeps. */
  readonly wrapped: Buffer;
  seal(part: string, text: string): Buffer;
  /** Throws where the box was altered, belongs to another inquiry or to another part of this one. */
  open(part: string, box: Uint8Array): string;
}

/**
 * Keeps personal payloads: one data key per inquiry, wrapped by the key of its subject. With that key goes
 * all that was stored about them, in every backup.
 */
export class Vault {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  create(inquiry: string, key: SubjectKey): InquirySeal {
    const dataKey = this.#random.bytes(32);
    const wrapped = sealFor(key, dataKey, keyLabel(inquiry), this.#random);
    return this.#sealOf(inquiry, dataKey, { wrapped, life: key.life });
  }

  unlock(inquiry: string, wrapped: Buffer, key: SubjectKey): InquirySeal {
    const dataKey = openFor(key, wrapped, keyLabel(inquiry));
    return this.#sealOf(inquiry, dataKey, { wrapped, life: key.life });
  }

  #sealOf(inquiry: string, dataKey: Uint8Array, kept: Pick<InquirySeal, 'life' | 'wrapped'>): InquirySeal {
    return {
      ...kept,
      seal: (part, text) => sealUnder(dataKey, Buffer.from(text), `${inquiry}/${part}`, this.#random),
      open: (part, box) => openUnder(dataKey, box, `${inquiry}/${part}`).toString('utf8'),
    };
  }
}

const keyLabel = (inquiry: string) => `${inquiry}/data-key`;
