import type { Random } from '@causeway/kernel';
import { openUnder, sealUnder } from '@causeway/service';

/** The open data key of one inquiry. */
export interface InquirySeal {
  /** The key, wrapped by the key-encryption key: what the inquiry's row keeps. */
  readonly wrapped: Buffer;
  seal(part: string, text: string): Buffer;
  /** Throws where the box was altered, belongs to another inquiry or to another part of this one. */
  open(part: string, box: Uint8Array): string;
}

/**
 * Keeps personal payloads: one data key per inquiry, so that erasing the key erases all that was stored about
 * it.
 */
export class Vault {
  readonly #kek: Uint8Array;
  readonly #random: Random;

  constructor(kek: Uint8Array, random: Random) {
    this.#kek = kek;
    this.#random = random;
  }

  create(inquiry: string): InquirySeal {
    const dataKey = this.#random.bytes(32);
    return this.#sealOf(inquiry, dataKey, sealUnder(this.#kek, dataKey, keyLabel(inquiry), this.#random));
  }

  unlock(inquiry: string, wrapped: Buffer): InquirySeal {
    return this.#sealOf(inquiry, openUnder(this.#kek, wrapped, keyLabel(inquiry)), wrapped);
  }

  #sealOf(inquiry: string, dataKey: Uint8Array, wrapped: Buffer): InquirySeal {
    return {
      wrapped,
      seal: (part, text) => sealUnder(dataKey, Buffer.from(text), `${inquiry}/${part}`, this.#random),
      open: (part, box) => openUnder(dataKey, box, `${inquiry}/${part}`).toString('utf8'),
    };
  }
}

const keyLabel = (inquiry: string) => `${inquiry}/data-key`;
