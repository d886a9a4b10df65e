import { CausewayError } from '@causeway/protocol/errors';

/** What one item of a batch came to: each is told its own, whatever became of the others. */
export type ItemOutcome<O> = { readonly value: O } | { readonly error: unknown };

interface Options<I, O> {
  /** Does the work of all items at once; the outcomes have the order of the items. */
  readonly run: (items: readonly I[]) => Promise<readonly ItemOutcome<O>[]>;
  readonly itemsMax: number;
  /** Items that may wait; one more is refused at once. */
  readonly waitingMax: number;
  /** Items with the same key never share a batch: the second waits for the first. */
  readonly keyOf?: (item: I) => string;
  /** Batches under way at once; else one. Each one more begins full, or after `patienceMs`. */
  readonly lanes?: number;
  /**
   * Where no batch has come back for so long, those that wait are refused, and who comes is refused at once,
   * until one does. Without it they wait as long as it takes.
   */
  readonly stuckMs?: number;
  /** True for a failure that is not the fault of any item: it is told to all of them. */
  readonly isCommon?: (error: unknown) => boolean;
}

interface Waiting<I, O> {
  readonly item: I;
  readonly key: string | undefined;
  readonly settle: (outcome: ItemOutcome<O>) => void;
}

/** How long who waits for a batch to come back leaves free lanes alone: large batches cost less. */
const patienceMs = 20;

/**
 * One unit of durable or remote work for many callers. Self-clocked: a batch is what came while the one
 * before was under way, so an idle service works on batches of one and a busy one on large ones. Where a
 * whole batch fails its items are tried one by one: a bad item fails alone.
 */
export class GroupCommit<I, O> {
  readonly #options: Options<I, O>;
  #waiting: Waiting<I, O>[] = [];
  readonly #busyKeys = new Set<string>();
  #lanesFree: number;
  #stuck = false;
  #watch: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(options: Options<I, O>) {
    this.#options = options;
    this.#lanesFree = options.lanes ?? 1;
  }

  /**
   * Resolves to the item's own value, or rejects with its own error.
   * @throws CausewayError unavailable: too many wait, or nothing moves; then nothing was done
   */
  async submit(item: I): Promise<O> {
    if (this.#stuck) throw nothingMoves();
    if (this.#waiting.length >= this.#options.waitingMax) {
      throw new CausewayError('unavailable', { internal: 'too many items wait for a batch' });
    }
    const { promise, resolve } = Promise.withResolvers<ItemOutcome<O>>();
    this.#waiting.push({ item, key: this.#options.keyOf?.(item), settle: resolve });
    this.#next();
    const outcome = await promise;
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** Begins what may begin. `waited`: a batch has been under way so long that others do not wait for it. */
  #next(waited = false): void {
    while (this.#lanesFree > 0) {
      if (this.#underWay && !waited && this.#waiting.length < this.#options.itemsMax) return this.#wait();
      const batch = this.#take();
      if (batch.length === 0) return;
      this.#lanesFree -= 1;
      this.#watch ??= this.#watchfully();
      void this.#work(batch);
    }
  }

  get #underWay(): boolean {
    return this.#lanesFree < (this.#options.lanes ?? 1);
  }

  #wait(): void {
    if (this.#waiting.length === 0 || this.#patience !== undefined) return;
    this.#patience = setTimeout(() => {
      this.#patience = undefined;
      this.#next(true);
    }, patienceMs);
  }

  /** The first items that may run now, each key once. */
  #take(): Waiting<I, O>[] {
    const batch: Waiting<I, O>[] = [];
    const left: Waiting<I, O>[] = [];
    for (const each of this.#waiting) {
      const free = each.key === undefined || !this.#busyKeys.has(each.key);
      if (!free || batch.length >= this.#options.itemsMax) {
        left.push(each);
        continue;
      }
      if (each.key !== undefined) this.#busyKeys.add(each.key);
      batch.push(each);
    }
    this.#waiting = left;
    return batch;
  }

  async #work(batch: readonly Waiting<I, O>[]): Promise<void> {
    try {
      const outcomes = await this.#attempt(batch.map(({ item }) => item));
      batch.forEach((each, at) => each.settle(outcomes[at] ?? { error: new RangeError('no outcome') }));
    } finally {
      for (const { key } of batch) if (key !== undefined) this.#busyKeys.delete(key);
      this.#lanesFree += 1;
      this.#moved();
      this.#next();
    }
  }

  #watchfully(): NodeJS.Timeout | undefined {
    const { stuckMs } = this.#options;
    if (stuckMs === undefined) return undefined;
    // An event loop that stood still has answers to hand out first.
    const timer = setTimeout(() => setImmediate(() => this.#giveUp(timer)), stuckMs);
    return timer;
  }

  /** A batch has come back: the time begins anew for those that are under way. */
  #moved(): void {
    this.#stuck = false;
    clearTimeout(this.#watch);
    this.#watch = this.#underWay ? this.#watchfully() : undefined;
  }

  #giveUp(timer: NodeJS.Timeout): void {
    if (this.#watch !== timer) return;
    this.#stuck = true;
    for (const { settle } of this.#waiting.splice(0)) settle({ error: nothingMoves() });
  }

  async #attempt(items: readonly I[]): Promise<readonly ItemOutcome<O>[]> {
    try {
      return await this.#options.run(items);
    } catch (error) {
      if (items.length === 1 || this.#options.isCommon?.(error) === true) return items.map(() => ({ error }));
      const alone: ItemOutcome<O>[] = [];
      for (const item of items) alone.push(...(await this.#attempt([item])));
      return alone;
    }
  }
}

const nothingMoves = (): CausewayError =>
  new CausewayError('unavailable', { internal: 'no batch comes back' });
