/** Where a byte string lies among the packed ones; counted from 1, as SQL does. */
export interface PackedPlace {
  readonly at: number;
  readonly length: number;
}

/**
 * Byte strings of many rows as one binary parameter of a hot statement: a row takes its own by
 * `substring($bytes FROM at FOR length)`. An array of byte strings would travel as text of twice the size.
 */
export class PackedBytes {
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  add(bytes: Uint8Array): PackedPlace {
    const place = { at: this.#size + 1, length: bytes.length };
    this.#parts.push(bytes);
    this.#size += bytes.length;
    return place;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts, this.#size);
  }
}
