import type { SeenCheckpoints } from './check.ts';

const prefix = 'causeway/';

/** What the browser keeps for the next time: nothing about a person, only what all of a federation share. */
export class Remembered {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get(name: string): string {
    return this.#storage.getItem(`${prefix}${name}`) ?? '';
  }

  /** What the browser has no place for is asked for again. */
  set(name: string, value: string): void {
    try {
      this.#storage.setItem(`${prefix}${name}`, value);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }

  /** The checkpoints seen last, of the ledgers of one federation. */
  checkpoints(anchor: string): SeenCheckpoints {
    const nameOf = (origin: string): string => `seen/${anchor}/${origin}`;
    return {
      get: (origin) => this.get(nameOf(origin)),
      set: (origin, checkpoint) => this.set(nameOf(origin), checkpoint),
    };
  }
}
