import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';

/** When a tree of this size was first seen under a checkpoint that counts, by the monotonic clock. */
interface Seen {
  readonly size: number;
  readonly at: number;
}

const LOOK_MS = 50;
const COVERED_WITHIN_MS = 60_000;
/** The ledger's own and two witnesses'. */
const SIGNATURES_MIN = 3;

/** Looks at ledgers again and again from outside, so that a delay is told up to 50 ms too long. */
export class ProvableSizes {
  readonly #seen: ReadonlyMap<string, Seen[]>;
  readonly #ended = new AbortController();
  readonly #watches: readonly Promise<void>[];

  private constructor(urls: ReadonlyMap<string, string>) {
    this.#seen = new Map([...urls.keys()].map((member) => [member, []]));
    this.#watches = [...urls].map(async ([member, url]) => await this.#watch(member, url));
  }

  /** Begins to watch the ledgers at these URLs, by member. */
  static watch(urls: ReadonlyMap<string, string>): ProvableSizes {
    return new ProvableSizes(urls);
  }

  /** @throws Error where the leaf is not covered within a minute */
  async coveredAt(member: string, index: number): Promise<number> {
    const giveUpAt = performance.now() + COVERED_WITHIN_MS;
    while (performance.now() < giveUpAt) {
      const first = this.#seen.get(member)?.find(({ size }) => size > index);
      if (first !== undefined) return first.at;
      await wait(LOOK_MS);
    }
    throw new Error(`leaf ${index} of ${member} is under no checkpoint that counts`);
  }

  async #watch(member: string, url: string): Promise<void> {
    const pool = new Pool(url, { connections: 1 });
    const seen = this.#seen.get(member) ?? [];
    while (!this.#ended.signal.aborted) {
      const answer = await pool.request({ method: 'GET', path: '/ledger/checkpoint' });
      const size = sizeOf(await answer.body.text());
      if (size > (seen.at(-1)?.size ?? 0)) seen.push({ size, at: performance.now() });
      await wait(LOOK_MS);
    }
    await pool.close();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#watches);
  }
}

/** Leaves under a checkpoint that enough have signed; 0 under another. */
function sizeOf(note: string): number {
  const [text = '', signatures = ''] = note.split('\n\n');
  const signed = signatures.split('\n').filter((line) => line.startsWith('— ')).length;
  return signed >= SIGNATURES_MIN ? Number(text.split('\n')[1]) : 0;
}
