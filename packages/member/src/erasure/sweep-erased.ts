import type { Log, SubjectKeys } from '@causeway/service';
import type { Kysely } from 'kysely';

import { buryAlone } from './bury-subject.ts';

interface Parts<DB> {
  readonly keys: Pick<SubjectKeys, 'erased' | 'left'>;
  readonly db: Kysely<DB>;
  readonly log: Log;
  /** Takes away what is kept under dead lives themselves, where rows name them; returns how many rows. */
  readonly buryLives?: (lives: readonly string[]) => Promise<number>;
}

const pageMax = 500;
const firstLife = '00000000-0000-0000-0000-000000000000';

/**
 * Erases again what a backup from before an erasure has brought back, and what a process wrote that still
 * held the key: by the marks in the key store, which no backup of payloads holds. `all` looks at every mark,
 * before a node answers anybody; `next` at one page of them, in turns.
 */
export class ErasedSweep<DB> {
  readonly #parts: Parts<DB>;
  #after = firstLife;

  constructor(parts: Parts<DB>) {
    this.#parts = parts;
  }

  async all(): Promise<void> {
    for (let after: string | undefined = firstLife; after !== undefined;) after = await this.#page(after);
  }

  async next(): Promise<void> {
    this.#after = (await this.#page(this.#after)) ?? firstLife;
  }

  /** Where the next page begins; undefined behind the last. */
  async #page(after: string): Promise<string | undefined> {
    const { buryLives, db, keys, log } = this.#parts;
    const lives = await keys.erased(after, pageMax);
    if (lives.length === 0) return undefined;
    const left = await keys.left(lives);
    // A crash here leaves what has not been taken away yet to the next sweep, which the start begins with.
    for (const dead of left) await buryAlone(db, dead);
    const rows = (await buryLives?.(lives)) ?? 0;
    if (left.length + rows > 0) log.warn({ event: 'erased_again', subjects: left.length, rows });
    return lives.length < pageMax ? undefined : lives.at(-1);
  }
}
