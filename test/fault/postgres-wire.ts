/**
 * Follows one direction of a PostgreSQL connection, message by message (protocol 3.0: a letter, a length that
 * counts itself, and the rest; the first message of a client has no letter).
 */
export class WireReader {
  #buffer = Buffer.alloc(0);
  #begun: boolean;
  readonly #tell: (letter: string, body: Buffer) => void;

  constructor(from: 'client' | 'server', tell: (letter: string, body: Buffer) => void) {
    this.#begun = from === 'server';
    this.#tell = tell;
  }

  read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const head = this.#begun ? 1 : 0;
      if (this.#buffer.length < head + 4) return;
      const length = this.#buffer.readInt32BE(head);
      if (this.#buffer.length < head + length) return;
      const letter = this.#begun ? this.#buffer.toString('latin1', 0, 1) : '';
      this.#tell(letter, this.#buffer.subarray(head + 4, head + length));
      this.#begun = true;
      this.#buffer = this.#buffer.subarray(head + length);
    }
  }
}
