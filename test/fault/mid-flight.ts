import type { Sequence } from '@causeway/sandbox/people/sequence';

/** What is done to the federation, once, while inquiries are under way. */
export type Fault = () => Promise<void>;

/**
 * Runs `work` for each item, `atOnce` at a time, and strikes with each of the faults, in their order, when
 * certain numbers of items have come so far. The numbers come from the sequence, one in each equal part of
 * the run, so that another seed meets other work.
 */
export class MidFlight {
  readonly #strikes: Map<number, Fault>;
  #seen = 0;
  #done = 0;
  #struck: Promise<void> = Promise.resolve();
  /** Items under way at each strike. */
  readonly underWay: number[] = [];

  constructor({ sequence, items, faults }: { sequence: Sequence; items: number; faults: readonly Fault[] }) {
    const part = Math.floor((items * 0.9) / faults.length);
    const at = (i: number): number => i * part + sequence.between(Math.ceil(part / 4), part);
    this.#strikes = new Map(faults.map((fault, i) => [at(i), fault]));
  }

  async run<I, O>(items: readonly I[], atOnce: number, work: (item: I) => Promise<O>): Promise<O[]> {
    const results: O[] = [];
    const queue = items.entries();
    const worker = async (): Promise<void> => {
      for (const [i, item] of queue) {
        results[i] = await work(item);
        this.#done += 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    await this.#struck;
    return results;
  }

  /** Told by the work when an item has come as far as a strike may interrupt it. */
  reached(): void {
    this.#seen += 1;
    const fault = this.#strikes.get(this.#seen);
    if (!fault) return;
    const underWay = this.#seen - this.#done;
    this.#struck = this.#struck.then(async () => {
      this.underWay.push(underWay);
      await fault();
    });
  }
}
